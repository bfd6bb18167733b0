import { isDeepStrictEqual } from "node:util";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent, SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Database } from "../db/database.ts";
import type { EventHub } from "../events/event-hub.ts";
import type { EventLog } from "../events/event-log.ts";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Details } from "./session-details.ts";
import type { Redactor } from "../secrets/redact.ts";
import { redactEvent } from "./redact-event.ts";
import { markSeen, project } from "./session-projection.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

export interface Recording {
  state: SessionState;
  events: SessionEvent[];
}

/** One event, as it was recorded. */
export interface Recorded {
  before: SessionState | undefined;
  after: SessionState;
  event: SessionEvent;
}

export type SessionRecorder = ReturnType<typeof createSessionRecorder>;

/** One transaction for rows and events, then the announcement: nothing is published that is not committed. */
export function createSessionRecorder(deps: {
  db: Database;
  log: EventLog;
  hub: EventHub;
  store: SessionStore;
  clock: Clock;
  /** Called for each event, in the transaction that records it. */
  onRecorded?: ((recorded: Recorded) => void) | undefined;
  /** Finds what must not be stored in what is said in sessions of the repository. */
  redactorFor: (repositoryId: RepositoryId) => Redactor;
}) {
  const { db, log, hub, store } = deps;

  const commit = db.transaction(
    (
      sessionId: SessionId,
      build: (state: SessionState | undefined) => NewSessionEvent[],
      also?: (state: SessionState) => void,
    ): Recording => {
      let state = store.find(sessionId);
      const at = deps.clock.now().toISOString();
      const events: SessionEvent[] = [];
      for (const event of build(state)) {
        const redacted = state ? redactEvent(event, deps.redactorFor(state.session.repository.id)) : event;
        const stored = log.append(sessionId, redacted, at);
        const before = state;
        state = project(before, stored, sessionId);
        deps.onRecorded?.({ before, after: state, event: stored });
        events.push(stored);
      }
      if (!state) throw new AppError("session.not-found", "There is no such session.");
      if (events.length > 0) store.save(state);
      also?.(state);
      return { state, events };
    },
  );

  function announce(sessionId: SessionId, { state, events }: Recording): void {
    for (const event of events) hub.publish(sessionId, { type: "event", event });
    const touched = new Set(events.flatMap((event) => (event.type.startsWith("prompt.") ? [event.promptId] : [])));
    for (const prompt of state.prompts) {
      if (touched.has(prompt.id)) hub.publish(sessionId, { type: "prompt", prompt });
    }
    hub.publish(sessionId, { type: "session", session: state.session });
    if (state.session.deletedAt) hub.publishFleet({ type: "removed", sessionId });
    else hub.publishFleet({ type: "session", session: state.session });
  }

  /** Changes a session's row without an event. */
  function recordQuietly(sessionId: SessionId, change: (state: SessionState) => SessionState): SessionState {
    const { state, changed } = db
      .transaction(() => {
        const before = store.find(sessionId);
        if (!before) throw new AppError("session.not-found", "There is no such session.");
        const after = change(before);
        if (after !== before) store.save(after);
        return { state: after, changed: after !== before };
      })
      .immediate();
    if (changed) announce(sessionId, { state, events: [] });
    return state;
  }

  return {
    /**
     * Records what `build` decides on the current state, and what `also` writes, in one transaction.
     * Throws `session.not-found`, and whatever `build` throws; nothing is recorded then.
     */
    record(
      sessionId: SessionId,
      build: (state: SessionState) => NewSessionEvent[],
      also?: (state: SessionState) => void,
    ): Recording {
      const recording = commit.immediate(
        sessionId,
        (state) => {
          if (!state) throw new AppError("session.not-found", "There is no such session.");
          return build(state);
        },
        also,
      );
      if (recording.events.length > 0) announce(sessionId, recording);
      return recording;
    },

    /** Records the first events of a session; `session.created` comes first. */
    recordNew(sessionId: SessionId, events: NewSessionEvent[], also?: (state: SessionState) => void): Recording {
      const recording = commit.immediate(
        sessionId,
        (state) => {
          if (state) throw new AppError("id.conflict", "There is a session with this id already.");
          return events;
        },
        also,
      );
      announce(sessionId, recording);
      return recording;
    },

    /** What the user has seen is no event: it changes the row alone. */
    recordSeen(sessionId: SessionId, seq: number): SessionState {
      return recordQuietly(sessionId, (state) => markSeen(state, seq));
    },

    /** Neither is what can be computed again, or what the user has looked at. Nothing happens where nothing differs. */
    recordDetails(
      sessionId: SessionId,
      details: Partial<Pick<Details, "lookedCheckpointId" | "overlaps">>,
    ): SessionState {
      return recordQuietly(sessionId, (state) => {
        const session = { ...state.session, ...details };
        return isDeepStrictEqual(session, state.session) ? state : { ...state, session };
      });
    },
  };
}
