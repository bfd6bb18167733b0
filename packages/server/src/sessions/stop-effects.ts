import type { SessionId, TurnId } from "@background-agents/shared/ids";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import { isEngineAway } from "../sandboxes/engine-presence.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import { decide } from "./session-machine.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** After asking and restarting the agent's process (the supervisor's two steps) have had their time. */
const STOP_LIMIT_MS = 30_000;
/** Until an engine, or a disk, that stands in the way of a stop is asked again. */
const AGAIN_MS = 1000;

export interface StopEffectsDeps {
  store: Pick<SessionStore, "find">;
  recorder: Pick<SessionRecorder, "record">;
  sandboxes: Pick<SandboxManager, "send" | "stop" | "isLeftRunning">;
  stopLimitMs?: number | undefined;
  log: Log;
}

interface Stop {
  sessionId: SessionId;
  turnId: TurnId;
  /** It is on the timeline that the container is ended for it. */
  isSaid: boolean;
}

/** The end of a turn that the user or a budget stopped, and of sandboxes that are to end and did not. */
export function createStopEffects(deps: StopEffectsDeps) {
  const { store, recorder, sandboxes, stopLimitMs = STOP_LIMIT_MS, log } = deps;
  const timers = new Map<SessionId, { turnId: TurnId; timer: NodeJS.Timeout }>();
  let closed = false;

  function stopTurn(sessionId: SessionId): void {
    const state = store.find(sessionId);
    const turnId = state && activePrompt(state)?.turnId;
    if (!turnId) return;
    sandboxes.send(sessionId, { type: "turn.stop", turnId });
    if (timers.get(sessionId)?.turnId !== turnId) schedule({ sessionId, turnId, isSaid: false }, stopLimitMs);
  }

  function schedule(stop: Stop, afterMs: number): void {
    clearTimeout(timers.get(stop.sessionId)?.timer);
    const timer = setTimeout(() => void escalate(stop), afterMs);
    timers.set(stop.sessionId, { turnId: stop.turnId, timer });
  }

  /** Ends the turn with its container, as often as it takes. */
  async function escalate(stop: Stop): Promise<void> {
    const { sessionId, turnId } = stop;
    let isOver = false;
    try {
      if (!stop.isSaid) {
        const command = { type: "stop.escalate" as const, turnId, afterMs: stopLimitMs };
        stop.isSaid = recorder.record(sessionId, (now) => decide(now, command)).events.length > 0;
      }
      if (isStopping(stop)) await sandboxes.stop(sessionId, "the agent did not stop when asked");
      isOver = closed || !isStopping(stop);
    } catch (error) {
      log.warn({ sessionId, error: messageOf(error) }, "a turn's container could not be ended; it is tried again");
    }
    // Another stop may have begun meanwhile: its timer is its own.
    if (timers.get(sessionId)?.turnId !== turnId) return;
    if (closed || isOver) timers.delete(sessionId);
    else schedule(stop, AGAIN_MS);
  }

  function isStopping({ sessionId, turnId }: Stop): boolean {
    const state = store.find(sessionId);
    return state !== undefined && state.stopping && activePrompt(state)?.turnId === turnId;
  }

  return {
    /** The row says that the sandbox is being stopped, and nobody does: the engine was away, or the server ended meanwhile. */
    isLeftUndone: ({ session: { id, sandbox } }: SessionState): boolean =>
      sandbox.status === "stopping" && sandboxes.isLeftRunning(id),

    /** Sees such a stop through; an engine that is away is asked again with the next look. */
    async finishStop({ session: { id, sandbox } }: SessionState): Promise<void> {
      try {
        await sandboxes.stop(id, sandbox.reason ?? "it was being stopped");
      } catch (error) {
        if (!isEngineAway(error)) throw error;
      }
    },

    /** Tells the supervisor to end the turn under way; one that does not end in time ends with its container. */
    stopTurn,

    /** No container is ended for it any more. */
    close(): void {
      closed = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
    },
  };
}
