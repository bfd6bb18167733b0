import type { SessionId } from "@background-agents/shared/ids";

/** What a session is told when it wants to start a sandbox: go, or where it stands and for what it waits. */
export type Claim = { granted: true } | { granted: false; reason: "limit" | "memory"; position: number };

export interface PlacesDeps {
  /** How many sandboxes may run at once. */
  limit: () => number;
  /** Memory that a new sandbox may take now, in bytes; undefined where the machine does not say. */
  availableBytes: () => number | undefined;
  /** Free memory below which nothing more is started. */
  reserveBytes: number;
}

/** What an agent at work takes, as measured with OpenCode 1.18: 0.6–0.9 GB, and what its commands take besides. */
export const EXPECTED_SANDBOX_BYTES = 1.5 * 2 ** 30;

/** How many sandboxes an engine with this much memory carries, with 2 GiB left for everything else; at least one. */
export function limitByMemory(engineMemoryBytes: number): number {
  return Math.max(1, Math.floor((engineMemoryBytes - 2 * 2 ** 30) / EXPECTED_SANDBOX_BYTES));
}

export type SandboxPlaces = ReturnType<typeof createSandboxPlaces>;

/**
 * Who may run and who waits: first come, first served. Claims are answered at once and synchronously, so two sessions
 * never get the same place. The rows say who waited before a restart; those claim again in the order they stood.
 */
export function createSandboxPlaces(deps: PlacesDeps) {
  const holders = new Set<SessionId>();
  const waiting: SessionId[] = [];

  const obstacle = (): "limit" | "memory" | undefined => {
    if (holders.size >= deps.limit()) return "limit";
    const available = deps.availableBytes();
    // One may always run: a machine that is short of memory for other reasons is still of use.
    if (holders.size > 0 && available !== undefined && available < deps.reserveBytes) return "memory";
    return undefined;
  };

  const leave = (sessionId: SessionId): void => {
    const place = waiting.indexOf(sessionId);
    if (place >= 0) waiting.splice(place, 1);
  };

  return {
    claim(sessionId: SessionId): Claim {
      if (holders.has(sessionId)) return { granted: true };
      if (!waiting.includes(sessionId)) waiting.push(sessionId);
      const position = waiting.indexOf(sessionId) + 1;
      const reason = obstacle();
      if (reason !== undefined) return { granted: false, reason, position };
      if (position > 1) return { granted: false, reason: "limit", position };
      waiting.shift();
      holders.add(sessionId);
      return { granted: true };
    },

    /** A sandbox that runs already (adopted after a restart) holds its place whatever the limit says. */
    hold(sessionId: SessionId): void {
      leave(sessionId);
      holders.add(sessionId);
    },

    /** Gives the place back, or stops waiting. */
    release(sessionId: SessionId): void {
      holders.delete(sessionId);
      leave(sessionId);
    },

    /** Those who wait, in order. */
    listWaiting(): SessionId[] {
      return [...waiting];
    },

    listHolders(): SessionId[] {
      return [...holders];
    },
  };
}
