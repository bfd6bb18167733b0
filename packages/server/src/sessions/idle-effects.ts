import type { SessionId } from "@background-agents/shared/ids";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxPlaces } from "../sandboxes/sandbox-places.ts";
import { activePrompt, nextQueuedPrompt, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

export interface IdleEffectsDeps {
  store: Pick<SessionStore, "find">;
  sandboxes: Pick<SandboxManager, "stop">;
  places: Pick<SandboxPlaces, "listHolders">;
  /** Runs a task when nothing else is done for the session. */
  oneAtATime: (sessionId: SessionId, task: () => Promise<void>) => Promise<void>;
  /** When somebody last looked at what runs in the session's sandbox; undefined: never. */
  lastUsedAt: (sessionId: SessionId) => Date | undefined;
  clock: Clock;
  log: Log;
}

/** Somebody looks at a preview: a session that waits waits on. */
const LOOKING_MS = 60_000;

/**
 * The end of sandboxes of which nothing is asked. Nothing rejects: a stop that the engine does not take is tried again
 * with the next look.
 */
export function createIdleEffects(deps: IdleEffectsDeps) {
  const { store, sandboxes, places, log } = deps;

  /** Stops the session's sandbox unless something was asked of it meanwhile. */
  async function stopIdle(sessionId: SessionId, reason: string): Promise<void> {
    try {
      await deps.oneAtATime(sessionId, async () => {
        const state = store.find(sessionId);
        if (state && isIdle(state)) await sandboxes.stop(sessionId, reason);
      });
    } catch (error) {
      log.warn({ sessionId, error: messageOf(error) }, "an idle sandbox could not be stopped; it is tried again");
    }
  }

  /** Sandboxes of which nothing is asked, and at which nobody has looked since `unused`. */
  function listIdle(unused: Date): SessionState[] {
    return places
      .listHolders()
      .flatMap((id) => store.find(id) ?? [])
      .filter((state) => state.session.sandbox.status === "ready" && isIdle(state))
      .filter(({ session }) => (deps.lastUsedAt(session.id) ?? unused) <= unused);
  }

  return {
    /** A sandbox that nobody asks anything of makes room for a session that waits: the one idle for longest. */
    async makeRoom(): Promise<void> {
      const unused = new Date(deps.clock.now().getTime() - LOOKING_MS);
      const [first] = listIdle(unused).toSorted((a, b) =>
        a.session.lastActivityAt.localeCompare(b.session.lastActivityAt),
      );
      if (first) await stopIdle(first.session.id, "another session needed its place");
    },

    /** Stops sandboxes of which nothing was asked since `before`, and at which nobody looked. */
    async stopIdleSince(before: Date): Promise<void> {
      for (const { session } of listIdle(before)) {
        if (Date.parse(session.lastActivityAt) <= before.getTime()) await stopIdle(session.id, "idle");
      }
    },
  };
}

function isIdle(state: SessionState): boolean {
  if (state.session.setup?.status === "running") return false;
  // A command in the sandbox waits for the user: ending it would withdraw what they are asked.
  if (state.session.asking.approvals.length > 0) return false;
  return !activePrompt(state) && (!nextQueuedPrompt(state) || state.session.budgetReached !== null);
}
