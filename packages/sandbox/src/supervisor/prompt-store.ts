import { join } from "node:path";
import { PromptId, TurnId } from "@background-agents/shared/ids";
import { z } from "zod";
import { readStateFile, writeStateFile } from "../lib/state-file-store.ts";

export const AcceptedPrompt = z.object({
  promptId: PromptId,
  turnId: TurnId,
  text: z.string(),
  model: z.object({ providerID: z.string(), modelID: z.string() }),
  effort: z.string().optional(),
  /** OpenCode's id of the prompt's message; set before it is handed over. */
  messageId: z.string().optional(),
  startedAtMs: z.number(),
});
export type AcceptedPrompt = z.infer<typeof AcceptedPrompt>;

const Stored = z.object({
  session: z.string().optional(),
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
  return {
    session: () => state.session,
    open: () => state.open,
    isKnown: (promptId: PromptId) => state.open?.promptId === promptId || state.ended.includes(promptId),
    recordSession: (session: string) => save({ ...state, session }),
    recordOpen: (prompt: AcceptedPrompt) => save({ ...state, open: prompt }),
    recordEnded: (promptId: PromptId) =>
      save({ session: state.session, ended: [...state.ended, promptId].slice(-REMEMBERED) }),
  };
}

export type PromptStore = Awaited<ReturnType<typeof openPromptStore>>;
