import type { SessionId } from "@background-agents/shared/ids";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";

export interface WatchDeps {
  /** Sessions with an open pull request. */
  listOpen: () => SessionId[];
  /** Whether someone looks at the session, or it works. */
  isWatched: (id: SessionId) => boolean;
  /** Looks anew; the answer says why that failed, null where it did not. */
  look: (id: SessionId) => Promise<string | null>;
  everyMs: number;
  /** After a push, what runs on it takes a while to begin: how long until it is looked at once more. */
  againMs: number;
  log: Log;
}

const AT_MOST = 10;
const LONGEST_PAUSE = 16;

/**
 * Looks at open pull requests from time to time, those that someone cares about, a few a round. Where gh fails the pauses
 * grow, up to sixteen times as long. `round` does what the timer does. `lookNow` is for what was just pushed to: at once,
 * and again after `againMs`; it resolves after the first look. `stop` ends it and waits.
 */
export function watchPullRequests(deps: WatchDeps) {
  let skip = 0;
  let pause = 1;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const again = new Map<SessionId, NodeJS.Timeout>();

  async function look(): Promise<void> {
    const due = deps.listOpen().filter((id) => deps.isWatched(id));
    for (const id of due.slice(0, AT_MOST)) {
      if (stopped) return;
      const problem = await deps.look(id).catch(messageOf);
      if (problem !== null) {
        pause = Math.min(pause * 2, LONGEST_PAUSE);
        skip = pause - 1;
        deps.log.debug({ sessionId: id, problem, pause }, "a pull request could not be looked at");
        return;
      }
      pause = 1;
    }
  }

  /** One round that fails must not end those after it, nor the server. */
  function note(error: unknown): void {
    deps.log.warn({ error: messageOf(error) }, "pull requests could not be looked at");
  }

  function round(): Promise<void> {
    if (skip > 0) skip -= 1;
    else running = running.then(look).catch(note);
    return running;
  }

  function lookAt(id: SessionId): Promise<void> {
    const looked = running.then(async () => {
      if (stopped || !deps.listOpen().includes(id)) return;
      const problem = await deps.look(id).catch(messageOf);
      if (problem !== null) deps.log.debug({ sessionId: id, problem }, "a pull request could not be looked at");
    });
    running = looked.catch(note);
    return running;
  }

  const timer = setInterval(() => void round(), deps.everyMs);
  timer.unref();

  return {
    round,

    lookNow(id: SessionId): Promise<void> {
      if (stopped) return running;
      clearTimeout(again.get(id));
      const later = setTimeout(() => {
        again.delete(id);
        void lookAt(id);
      }, deps.againMs);
      again.set(id, later.unref());
      return lookAt(id);
    },

    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      for (const later of again.values()) clearTimeout(later);
      await running;
    },
  };
}
