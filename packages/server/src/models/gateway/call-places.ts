import type { SessionId } from "@background-agents/shared/ids";

export interface CallLimits {
  /** Calls of one session under way at once, or waiting for that. */
  callsAtOnce: number;
  /** What they may hold in memory together: those of one session, and all. */
  sessionBytes: number;
  allBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_CALL_LIMITS: CallLimits = { callsAtOnce: 16, sessionBytes: 64 * MIB, allBytes: 512 * MIB };

export interface CallPlace {
  /** Room for so many bytes more of the call; false: there is none, and the call is not to be made. */
  take(bytes: number): boolean;
  /** Gives back all of it; only the first time counts. */
  leave(): void;
}

/**
 * The places of calls, from before their bodies are read until they are over: a container that opens many of them, and
 * leaves them open, gets no more of the server's memory than its share.
 */
export function createCallPlaces(limits: CallLimits) {
  const held = new Map<SessionId, { calls: number; bytes: number }>();
  let all = 0;

  return {
    /** Each call gets a place; one too many gets no room in it. */
    enter(sessionId: SessionId): CallPlace {
      const own = held.get(sessionId) ?? { calls: 0, bytes: 0 };
      held.set(sessionId, own);
      own.calls += 1;
      const isOneTooMany = own.calls > limits.callsAtOnce;
      let taken = 0;
      let isOver = false;
      return {
        take(bytes) {
          if (isOneTooMany || isOver) return false;
          if (own.bytes + bytes > limits.sessionBytes || all + bytes > limits.allBytes) return false;
          taken += bytes;
          own.bytes += bytes;
          all += bytes;
          return true;
        },
        leave() {
          if (isOver) return;
          isOver = true;
          own.calls -= 1;
          own.bytes -= taken;
          all -= taken;
          if (own.calls === 0) held.delete(sessionId);
        },
      };
    },
  };
}
