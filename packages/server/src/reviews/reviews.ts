import type { SessionId } from "@background-agents/shared/ids";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { Database } from "../db/database.ts";
import type { EventHub } from "../events/event-hub.ts";
import type { EventLog } from "../events/event-log.ts";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { Repositories } from "../repositories/repositories.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionService } from "../sessions/session-service.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { changeRoutes } from "./change-routes.ts";
import { createCommentPlaces } from "./comment-places.ts";
import { commentRoutes } from "./comment-routes.ts";
import { createCommentService } from "./comment-service.ts";
import { createCommentStore } from "./comment-store.ts";
import { createCommentTracking } from "./comment-tracking.ts";
import { createLiveChanges } from "./live-changes.ts";
import { createMoments } from "./moments.ts";
import { overlapRoutes } from "./overlap-routes.ts";
import { createOverlaps } from "./overlap-service.ts";
import { createViewedStore } from "./viewed-store.ts";

export interface ReviewsDeps {
  db: Database;
  hub: EventHub;
  events: EventLog;
  store: SessionStore;
  recorder: SessionRecorder;
  sessions: SessionService;
  clock: Clock;
  repositories: Pick<Repositories, "quarantine" | "findCollisions">;
  log: Log;
}

export type Reviews = ReturnType<typeof createReviews>;

/** The room's parts, wired: what changed, what of it was looked at, what was said about it, and with what it collides. */
export function createReviews(deps: ReviewsDeps) {
  const { db, hub, events, store, recorder, sessions, clock, log } = deps;
  const { quarantine, findCollisions } = deps.repositories;
  const live = createLiveChanges({ store, hub, quarantine, log });
  const moments = createMoments({ store, readLive: live.read });
  const comments = createCommentStore({ db });
  const places = createCommentPlaces({ quarantine });
  const tracking = createCommentTracking({ comments, places, store, recorder, events, clock });
  const service = createCommentService({ comments, places, moments, store, recorder, sessions, quarantine, clock });
  const overlaps = createOverlaps({ store, recorder, quarantine, findCollisions, clock });
  const pending = new Set<Promise<void>>();

  /** Keeps sight of work under way, so that closing can wait for it. */
  function track(work: Promise<void>, sessionId?: SessionId): void {
    const run = work.catch((error: unknown) => {
      log.error(
        { ...(sessionId && { sessionId }), error: messageOf(error) },
        "a review could not be brought up to date",
      );
    });
    pending.add(run);
    void run.finally(() => pending.delete(run));
  }

  return {
    live,

    /** Takes note of a session's new state: a turn ended, its work changed, it was put away. May be called at any time. */
    advance(sessionId: SessionId): void {
      track(live.settle(sessionId), sessionId);
      track(tracking.track(sessionId), sessionId);
      track(overlaps.compare(sessionId), sessionId);
    },

    /** Goes on with what was under way when the server ended. */
    async recover(): Promise<void> {
      await live.recover();
      for (const sessionId of comments.listSessionsWithSent()) track(tracking.track(sessionId), sessionId);
      track(overlaps.compareAll());
    },

    /** Waits until nothing is under way. */
    async close(): Promise<void> {
      overlaps.close();
      while (pending.size > 0) await Promise.all(pending);
    },

    routes: (): FastifyPluginAsyncZod[] => [
      commentRoutes({ service }),
      overlapRoutes({ moments }),
      changeRoutes({ store, moments, quarantine, viewed: createViewedStore({ db }) }),
    ],
  };
}
