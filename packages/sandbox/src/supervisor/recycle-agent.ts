import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { Agent } from "../opencode/agent.ts";

export interface RecycleDeps {
  agent: Pick<Agent, "residentBytes" | "recycle">;
  limitBytes: number;
  report: (body: ReportBody) => void;
}

const inMiB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Between turns: starts an agent anew that has grown over the limit, before it takes the memory that its work needs. */
export async function recycleAgent({ agent, limitBytes, report }: RecycleDeps): Promise<void> {
  const held = await agent.residentBytes();
  if (held === undefined || held <= limitBytes) return;
  await agent.recycle();
  const message = `The agent's process had grown to ${inMiB(held)} and was started again; the conversation is kept.`;
  report({ kind: "notice", level: "info", code: "agent.recycled", message });
}
