import { AppError } from "../lib/app-error.ts";

/** How long an engine that did not answer is not asked again; twice as long each time. */
const AGAIN_MS = { first: 1000, most: 60_000 };

export type EnginePresence = ReturnType<typeof createEnginePresence>;

/**
 * Whether the engine is there, for all who wait for it: they ask together, and seldom while it stays away. `info`: a call
 * that any engine answers.
 */
export function createEnginePresence(deps: { info: () => Promise<unknown>; nowMs?: (() => number) | undefined }) {
  const { nowMs = () => performance.now() } = deps;
  let away: { error: AppError; waitMs: number; untilMs: number } | undefined;
  let asking: Promise<AppError | undefined> | undefined;

  function noteAway(error: AppError): void {
    const waitMs = away === undefined ? AGAIN_MS.first : Math.min(away.waitMs * 2, AGAIN_MS.most);
    away = { error, waitMs, untilMs: nowMs() + waitMs };
  }

  async function ask(): Promise<AppError | undefined> {
    try {
      await deps.info();
      away = undefined;
      return undefined;
    } catch (error) {
      if (!isEngineAway(error)) throw error;
      noteAway(error);
      return error;
    }
  }

  return {
    /** What is in the way, where the engine does not answer. Throws where asking fails for another reason. */
    findObstacle(): Promise<AppError | undefined> {
      if (away && nowMs() < away.untilMs) return Promise.resolve(away.error);
      asking ??= ask().finally(() => (asking = undefined));
      return asking;
    },

    /** It broke off in the middle of something. */
    noteAway,

    /** It answered: who asks next asks it at once. True where it was away before. */
    noteAnswer(): boolean {
      const wasAway = away !== undefined;
      away = undefined;
      return wasAway;
    },
  };
}

/** Nothing is wrong with what was asked for: it can wait until the engine is there. */
export function isEngineAway(error: unknown): error is AppError {
  return error instanceof AppError && error.code === "engine.unavailable";
}
