import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { toRestoreOrder } from "./restored-work.ts";
import type { SessionState } from "./session-state.ts";

/** Ports on the container's own loopback; nothing is published. */
export const RELAY_PORTS = { llm: 4101, egress: 4102 } as const;

/** What the sandbox's processes need to find the egress proxy; holds no secret. */
export const SANDBOX_ENV: Record<string, string> = {
  HTTP_PROXY: `http://127.0.0.1:${RELAY_PORTS.egress}`,
  HTTPS_PROXY: `http://127.0.0.1:${RELAY_PORTS.egress}`,
  http_proxy: `http://127.0.0.1:${RELAY_PORTS.egress}`,
  https_proxy: `http://127.0.0.1:${RELAY_PORTS.egress}`,
  NO_PROXY: "127.0.0.1,localhost",
  no_proxy: "127.0.0.1,localhost",
};

/** Pure: the boot instructions of a session's sandbox. */
export function buildSandboxSpec(
  { session, generation, restored }: Pick<SessionState, "session" | "generation" | "restored">,
  parts: Pick<SandboxSpec, "identity" | "opencodeConfig" | "gitCredentials" | "originUrl" | "setup" | "task"> & {
    restore: SandboxSpec["restore"];
  },
): SandboxSpec {
  return {
    sessionId: session.id,
    title: session.title,
    directory: directoryName(session.repository.name),
    baseBranch: session.baseBranch,
    baseCommit: session.baseCommit,
    branch: session.branch,
    identity: parts.identity,
    opencodeConfig: parts.opencodeConfig,
    gitCredentials: parts.gitCredentials,
    ...(parts.originUrl !== undefined && { originUrl: parts.originUrl }),
    llmRelayPort: RELAY_PORTS.llm,
    egressRelayPort: RELAY_PORTS.egress,
    ...(parts.restore && { restore: parts.restore }),
    ...(parts.setup && { setup: parts.setup }),
    ...(parts.task === "setup" && { task: parts.task }),
    // Always asked for: one that is set while the sandbox runs is there when the agent is started anew.
    hasSecrets: true,
    ...(restored && { restored: toRestoreOrder(restored, generation) }),
    ...(session.copiedFiles.length > 0 && { copiesFiles: true }),
    limits: { checkpointBytes: 512 * 2 ** 20, openOutputBytes: 32_768, settledOutputBytes: 65_536 },
  };
}

function directoryName(repositoryName: string): string {
  const name = repositoryName
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 100);
  return name || "repository";
}
