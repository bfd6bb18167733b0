import type { SessionId, TurnId } from "@background-agents/shared/ids";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import { decide } from "./session-machine.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** After asking and restarting the agent's process (the supervisor's two steps) have had their time. */
const STOP_LIMIT_MS = 30_000;

export interface StopEffectsDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  sandboxes: SandboxManager;
  stopLimitMs?: number | undefined;
}

/** The end of a turn that the user or a budget stopped. */
export function createStopEffects(deps: StopEffectsDeps) {
  const { store, recorder, sandboxes, stopLimitMs = STOP_LIMIT_MS } = deps;
  const stopTimers = new Map<SessionId, { turnId: TurnId; timer: NodeJS.Timeout }>();

  function stopTurn(sessionId: SessionId): void {
    const state = store.find(sessionId);
    const turnId = state && activePrompt(state)?.turnId;
    if (!turnId) return;
    sandboxes.send(sessionId, { type: "turn.stop", turnId });
    const known = stopTimers.get(sessionId);
    if (known?.turnId === turnId) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      stopTimers.delete(sessionId);
      const command = { type: "stop.escalate" as const, turnId, afterMs: stopLimitMs };
      const { events } = recorder.record(sessionId, (now) => decide(now, command));
      if (events.length > 0) void sandboxes.stop(sessionId, "the agent did not stop when asked");
    }, stopLimitMs);
    stopTimers.set(sessionId, { turnId, timer });
  }

  return {
    /** Tells the supervisor to end the turn under way; one that does not end in time ends with its container. */
    stopTurn,

    /** No container is ended for it any more. */
    close(): void {
      for (const { timer } of stopTimers.values()) clearTimeout(timer);
    },
  };
}
