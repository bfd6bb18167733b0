import type { SessionId } from "@background-agents/shared/ids";

/** What a call may use that is under way: nothing of it is counted before its end. */
export interface Reserved {
  tokens: number;
  usd: number;
}

/** What open calls may use: those of one session, and all of them. */
export interface ReservedSums {
  own: Reserved;
  all: Reserved;
}

/**
 * Lets calls of a model in, so that those under way together cannot outrun a budget that each of them alone would keep:
 * a call waits where what is used and what the open ones may use is a limit's whole. One that nobody else is in the way
 * of never waits, however little is left: a budget is overrun by one call at most.
 */
export function createOpenCalls(deps: {
  /** Whether the limits have room with that much more used. */
  hasRoom: (sessionId: SessionId, reserved: ReservedSums) => boolean;
}) {
  const open = new Map<symbol, { sessionId: SessionId; may: Reserved }>();
  const waiting = new Set<() => void>();

  function sumOf(sessionId?: SessionId): Reserved {
    const sum: Reserved = { tokens: 0, usd: 0 };
    for (const call of open.values()) {
      if (sessionId !== undefined && call.sessionId !== sessionId) continue;
      sum.tokens += call.may.tokens;
      sum.usd += call.may.usd;
    }
    return sum;
  }

  function nextEnd(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener("abort", give);
        resolve();
      };
      const give = (): void => {
        waiting.delete(wake);
        reject(signal.reason as Error);
      };
      waiting.add(wake);
      signal.addEventListener("abort", give, { once: true });
    });
  }

  return {
    /**
     * Waits until there is room and answers how to end the call. `refusal` is asked before each look: what it answers is
     * given back instead. Throws what `signal` was aborted with.
     */
    async enter<R>(
      call: { sessionId: SessionId; may: Reserved },
      refusal: () => R | undefined,
      signal: AbortSignal,
    ): Promise<{ refused: R } | { end: () => void }> {
      for (;;) {
        signal.throwIfAborted();
        const refused = refusal();
        if (refused !== undefined) return { refused };
        if (open.size === 0 || deps.hasRoom(call.sessionId, { own: sumOf(call.sessionId), all: sumOf() })) break;
        await nextEnd(signal);
      }
      const id = Symbol(call.sessionId);
      open.set(id, call);
      return {
        end() {
          open.delete(id);
          for (const wake of [...waiting]) wake();
        },
      };
    },
  };
}
