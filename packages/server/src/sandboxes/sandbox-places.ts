import type { SessionId } from "@background-agents/shared/ids";

/** What a session is told when it wants to start a sandbox: go, or where it stands and for what it waits. */
export type Claim = { granted: true } | { granted: false; reason: "limit" | "memory"; position: number };

export interface PlacesDeps {
  /** How many sandboxes may run at once. */
  limit: () => number;
  /** Memory that a new sandbox may take now, in bytes; undefined where the machine does not say. */
  availableBytes: () => number | undefined;
  /** What a sandbox is expected to take: free memory below which nothing more is started. */
  reserveBytes: number;
  /** The session's container is still being made. */
  isStarting?: ((sessionId: SessionId) => boolean) | undefined;
  /** Milliseconds of a clock that only runs forwards. */
  nowMs?: (() => number) | undefined;
}

/** What an agent at work takes, as measured with OpenCode 1.18: 0.6–0.9 GB, and what its commands take besides. */
export const EXPECTED_SANDBOX_BYTES = 1.5 * 2 ** 30;

/** How long a new sandbox takes to take what it needs: until then its share counts as taken. */
const TAKING_MS = 60_000;

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
  const { isStarting = () => false, nowMs = () => performance.now() } = deps;
  /** When each was given its place; null: its sandbox ran already. */
  const holders = new Map<SessionId, number | null>();
  const waiting: SessionId[] = [];
  /** Who came before whom, kept until the place is given back: who has to wait once more stands where they stood. */
  const arrivals = new Map<SessionId, number>();
  let arrived = 0;

  /** How many hold a place and have not taken the memory that they will. */
  function countTaking(): number {
    const isTaking = (sessionId: SessionId, since: number | null): boolean =>
      since !== null && (nowMs() - since < TAKING_MS || isStarting(sessionId));
    return [...holders].filter(([sessionId, since]) => isTaking(sessionId, since)).length;
  }

  const obstacle = (): "limit" | "memory" | undefined => {
    if (holders.size >= deps.limit()) return "limit";
    const available = deps.availableBytes();
    // One may always run: a machine that is short of memory for other reasons is still of use.
    if (holders.size === 0 || available === undefined) return undefined;
    return available - countTaking() * deps.reserveBytes < deps.reserveBytes ? "memory" : undefined;
  };

  /** Answers the place in line, from 1. */
  function queueUp(sessionId: SessionId): number {
    if (!waiting.includes(sessionId)) {
      const arrival = arrivals.get(sessionId) ?? ++arrived;
      arrivals.set(sessionId, arrival);
      const behind = waiting.findIndex((other) => (arrivals.get(other) ?? 0) > arrival);
      waiting.splice(behind < 0 ? waiting.length : behind, 0, sessionId);
    }
    return waiting.indexOf(sessionId) + 1;
  }

  function leave(sessionId: SessionId): void {
    const place = waiting.indexOf(sessionId);
    if (place >= 0) waiting.splice(place, 1);
    arrivals.delete(sessionId);
  }

  return {
    claim(sessionId: SessionId): Claim {
      if (holders.has(sessionId)) return { granted: true };
      const position = queueUp(sessionId);
      const reason = obstacle();
      if (reason !== undefined) return { granted: false, reason, position };
      if (position > 1) return { granted: false, reason: "limit", position };
      waiting.shift();
      holders.set(sessionId, nowMs());
      return { granted: true };
    },

    /** Puts one that waited before a restart in line, before any claims. */
    queueUp,

    /** Takes the place back from one that could not use it: it waits on, before all who came after it. Answers where. */
    putBack(sessionId: SessionId): number {
      holders.delete(sessionId);
      return queueUp(sessionId);
    },

    /** A sandbox that runs already (adopted after a restart) holds its place whatever the limit says. */
    hold(sessionId: SessionId): void {
      leave(sessionId);
      holders.set(sessionId, null);
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
      return [...holders.keys()];
    },
  };
}
