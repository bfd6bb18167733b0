import { join } from "node:path";
import { PromptId, TurnId } from "@background-agents/shared/ids";
import { z } from "zod";
import { readStateFile, writeStateFile } from "../lib/state-file-store.ts";

const SteeredPrompt = z.object({ promptId: PromptId, messageId: z.string() });
export type SteeredPrompt = z.infer<typeof SteeredPrompt>;

export const AcceptedPrompt = z.object({
  promptId: PromptId,
  turnId: TurnId,
  text: z.string(),
  model: z.object({ providerID: z.string(), modelID: z.string() }),
  effort: z.string().optional(),
  permission: z.record(z.string(), z.unknown()).optional(),
  provider: z.record(z.string(), z.unknown()).optional(),
  /** OpenCode's id of the prompt's message; set before it is handed over. */
  messageId: z.string().optional(),
  startedAtMs: z.number(),
  /** Prompts that joined its turn, or were about to. */
  steered: z.array(SteeredPrompt).optional(),
});
export type AcceptedPrompt = z.infer<typeof AcceptedPrompt>;

const Stored = z.object({
  session: z.string().optional(),
  /** How many times the user brought the work to another state, as far as the session's conversation followed. */
  generation: z.int().nonnegative().optional(),
  open: AcceptedPrompt.optional(),
  /** Prompts that ended, newest last. */
  ended: z.array(PromptId),
});

const REMEMBERED = 1000;

/** What survives a restart: OpenCode's session and which prompts were taken. Each change is on disk when it resolves. */
export async function openPromptStore(directory: string) {
  const path = join(directory, "prompts.json");
  let state = (await readStateFile(path, Stored)) ?? { ended: [] };
  const save = (next: z.infer<typeof Stored>) => {
    state = next;
    return writeStateFile(path, next);
  };
  const steered = () => state.open?.steered ?? [];
  const saveSteered = async (list: SteeredPrompt[]) => {
    if (state.open) await save({ ...state, open: { ...state.open, steered: list } });
  };
  return {
    session: () => state.session,
    generation: () => state.generation ?? 0,
    open: () => state.open,
    isKnown: (promptId: PromptId) =>
      state.open?.promptId === promptId ||
      state.ended.includes(promptId) ||
      steered().some((prompt) => prompt.promptId === promptId),
    recordSession: (session: string, generation: number) => save({ ...state, session, generation }),
    recordOpen: (prompt: AcceptedPrompt) => save({ ...state, open: prompt }),
    /** A prompt is about to join the open one's turn. */
    recordSteered: (prompt: SteeredPrompt) => saveSteered([...steered(), prompt]),
    /** It did not join: it can be delivered again. */
    forgetSteered: (promptId: PromptId) => saveSteered(steered().filter((prompt) => prompt.promptId !== promptId)),
    /** The open prompt ended, and with it those that joined its turn. */
    recordEnded(promptId: PromptId) {
      const ended = [...state.ended, promptId, ...steered().map((prompt) => prompt.promptId)];
      const { session, generation } = state;
      return save({ session, generation, ended: ended.slice(-REMEMBERED) });
    },
  };
}

export type PromptStore = Awaited<ReturnType<typeof openPromptStore>>;
