import type { PromptId, SessionId, TurnId } from "@background-agents/shared/ids";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

export type SteeringEffects = ReturnType<typeof createSteeringEffects>;

/** Hands prompts that should join the running turn to it; what the turn does not take becomes a turn of its own. */
export function createSteeringEffects({ sandboxes }: { sandboxes: Pick<SandboxManager, "send"> }) {
  /** By session: the running turn, and which prompts were handed to it. */
  const handed = new Map<SessionId, { turnId: TurnId; promptIds: Set<PromptId> }>();

  return {
    /** May be called again: the supervisor takes each prompt once. */
    steer(state: SessionState): void {
      const { id } = state.session;
      const active = activePrompt(state);
      if (!active?.turnId || active.status === "starting" || state.stopping) return;
      const { turnId } = active;
      const earlier = handed.get(id);
      const promptIds = earlier?.turnId === turnId ? earlier.promptIds : new Set<PromptId>();
      handed.set(id, { turnId, promptIds });
      for (const { id: promptId, status, mode, text } of state.prompts) {
        if (status !== "queued" || mode !== "steer") continue;
        if (sandboxes.send(id, { type: "prompt.steer", promptId, turnId, text })) promptIds.add(promptId);
      }
    },

    /**
     * True while the agent may have the prompt already, though nobody has said so yet: what it was given cannot be
     * taken back or reworded.
     */
    isHandedOver(state: SessionState, promptId: PromptId): boolean {
      const given = handed.get(state.session.id);
      return given !== undefined && activePrompt(state)?.turnId === given.turnId && given.promptIds.has(promptId);
    },

    forget: (sessionId: SessionId) => void handed.delete(sessionId),
  };
}
