import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { HubFrame, ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { mintMessageId } from "../opencode/message-id.ts";
import type { OpenCodeClient } from "../opencode/opencode-client.ts";
import type { PromptStore } from "./prompt-store.ts";
import type { Turn } from "./turn.ts";

export type SteerOrder = Extract<HubFrame, { type: "prompt.steer" }>;

export interface SteeringDeps {
  client: () => Promise<OpenCodeClient>;
  session: () => Promise<string>;
  prompts: PromptStore;
  report: (body: ReportBody) => void;
  nowMs: () => number;
}

/**
 * Puts prompts into the running turn. One that the turn did not take any more is left to the server, which delivers it
 * as a turn of its own: so only what OpenCode really has counts as steered.
 */
export function createSteering({ client, session, prompts, report, nowMs }: SteeringDeps) {
  let last: Promise<unknown> = Promise.resolve();
  const told = new Set<PromptId>();

  function tell(promptId: PromptId, turnId: TurnId, messageId: string): void {
    told.add(promptId);
    report({ kind: "prompt.steered", promptId, turnId, messageId });
  }

  const isThere = async (messageId: string) => (await client()).hasMessage(await session(), messageId);

  async function handOver(turn: Turn, { promptId, turnId, text }: SteerOrder): Promise<string | undefined> {
    if (prompts.isKnown(promptId)) return undefined;
    const api = await client();
    const id = await session();
    const before = await api.listMessages(id, 20);
    const messageId = mintMessageId(
      before.map(({ info }) => info.id),
      nowMs(),
    );
    await prompts.recordSteered({ promptId, messageId });
    const { model, effort } = turn.prompt;
    await api.prompt(id, { messageID: messageId, text, model, ...(effort ? { variant: effort } : {}) });
    tell(promptId, turnId, messageId);
    return messageId;
  }

  return {
    /** Steers one prompt after the other, each once. A turn that has ended takes none. */
    steer(turn: Turn, order: SteerOrder): void {
      last = last.then(() =>
        turn
          .join(() => handOver(turn, order))
          .catch((error: unknown) => {
            const message = `A prompt could not join the turn: ${String(error)}`;
            report({ kind: "notice", level: "warning", code: "prompt.not-steered", message });
          }),
      );
    },
    /** Before a turn's end is told: tells which of its steering prompts OpenCode has, and forgets the others. */
    async settle(turnId: TurnId): Promise<void> {
      for (const { promptId, messageId } of prompts.open()?.steered ?? []) {
        if (told.delete(promptId)) continue;
        if (await isThere(messageId).catch(() => false)) tell(promptId, turnId, messageId);
        else await prompts.forgetSteered(promptId);
      }
    },
  };
}

export type Steering = ReturnType<typeof createSteering>;
