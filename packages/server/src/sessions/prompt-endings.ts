import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt } from "@background-agents/shared/sessions/session";
import { hasEnded, type SessionState } from "./session-state.ts";

/** The envelope's ids of an event about a prompt. */
export function sandboxFailed(data: { code: string; reason: string; logTail: string }): NewSessionEvent {
  return {
    type: "sandbox.failed",
    actor: "server",
    data: { code: data.code, reason: data.reason, logTail: data.logTail },
  };
}

/** Every prompt that has not ended fails with the same reason. */
export function failUnfinished(state: SessionState, code: string, message: string): NewSessionEvent[] {
  return state.prompts
    .filter((prompt) => !hasEnded(prompt))
    .map((prompt) => ({ type: "prompt.failed", actor: "server", ...idsOf(prompt), data: { code, message } }));
}

export function idsOf(prompt: Prompt): { promptId: PromptId; turnId?: TurnId } {
  return prompt.turnId ? { promptId: prompt.id, turnId: prompt.turnId } : { promptId: prompt.id };
}
