import type {
  NewSessionEvent,
  SessionEvent,
  SessionEventType,
} from "@background-agents/shared/protocol/session-events";
import type { SessionId, TurnId } from "@background-agents/shared/ids";
import type { Database } from "../db/database.ts";

/** The version each type is written with now; 1 unless named. Older versions are lifted by the upcasters on reading. */
const CURRENT_VERSIONS: Partial<Record<SessionEventType, number>> = {};

/** `UPCASTERS[type][v]` lifts the data of version `v` to `v + 1`. */
const UPCASTERS: Partial<Record<SessionEventType, Record<number, (data: unknown) => unknown>>> = {};

interface EventRow {
  seq: number;
  v: number;
  type: string;
  at: string;
  actor: string;
  turn_id: string | null;
  prompt_id: string | null;
  data: string;
}

export type EventLog = ReturnType<typeof createEventLog>;

/** The append-only log: `(session, seq)` contiguous from 1. `append` must run in the transaction that changes the rows. */
export function createEventLog(deps: { db: Database }) {
  const insert = deps.db.prepare(
    `INSERT INTO events (session_id, seq, v, type, at, actor, turn_id, prompt_id, data)
     VALUES (@sessionId, @seq, @v, @type, @at, @actor, @turnId, @promptId, @data)`,
  );
  const nextSeq = deps.db.prepare("SELECT coalesce(max(seq), 0) + 1 FROM events WHERE session_id = ?").pluck();
  const after = deps.db.prepare("SELECT * FROM events WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?");
  const before = deps.db.prepare(
    "SELECT * FROM (SELECT * FROM events WHERE session_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?) ORDER BY seq",
  );
  const ofTypes = deps.db.prepare(
    "SELECT * FROM events WHERE session_id = ? AND type IN (SELECT value FROM json_each(?)) ORDER BY seq",
  );
  const size = deps.db.prepare(
    "SELECT coalesce(sum(length(CAST(data AS BLOB))), 0) AS bytes, max(seq) AS seq FROM events WHERE session_id = ? AND seq > ?",
  );
  const said = deps.db
    .prepare(
      `SELECT json_extract(data, '$.text') FROM events WHERE session_id = ? AND turn_id = ? AND seq > ? AND type = 'part.settled'
         AND json_extract(data, '$.kind') = 'text' AND json_extract(data, '$.parentPartId') IS NULL ORDER BY seq`,
    )
    .pluck();

  const whole = deps.db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM events WHERE session_id = ? AND turn_id = ? AND type = 'part.settled'
         AND json_extract(data, '$.partId') = ? AND json_extract(data, '$.partial') IS NULL)`,
    )
    .pluck();

  // What ends with a sandbox is recorded right after the sandbox's own end.
  const cutOff = deps.db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM events AS own WHERE session_id = @sessionId AND turn_id = @turnId
         AND (type = 'stop.escalated' OR type = 'prompt.interrupted' AND EXISTS (SELECT 1 FROM events AS before
           WHERE before.session_id = own.session_id AND before.seq = own.seq - 1
             AND before.type IN ('sandbox.stopped', 'sandbox.failed'))))`,
    )
    .pluck();

  return {
    append(sessionId: SessionId, event: NewSessionEvent, at: string): SessionEvent {
      const seq = nextSeq.get(sessionId) as number;
      const v = CURRENT_VERSIONS[event.type] ?? 1;
      insert.run({
        sessionId,
        seq,
        v,
        type: event.type,
        at,
        actor: event.actor,
        turnId: event.turnId ?? null,
        promptId: event.promptId ?? null,
        data: JSON.stringify(event.data),
      });
      return { ...event, seq, v, at };
    },

    /** Up to `limit` events with a seq above `seq`, ascending. */
    listAfter(sessionId: SessionId, seq: number, limit: number): SessionEvent[] {
      return (after.all(sessionId, seq, limit) as EventRow[]).map(toEvent);
    },

    /** Whether a turn's part is stored to its end. */
    hasWhole(sessionId: SessionId, turnId: TurnId, partId: string): boolean {
      return whole.get(sessionId, turnId, partId) === 1;
    },

    /** Whether a turn that was stopped ended by force, with its agent or its sandbox: it may have had more to tell. */
    wasCutOff(sessionId: SessionId, turnId: TurnId): boolean {
      return cutOff.get({ sessionId, turnId }) === 1;
    },

    /** The last `limit` events with a seq below `seq`, ascending. */
    listBefore(sessionId: SessionId, seq: number, limit: number): SessionEvent[] {
      return (before.all(sessionId, seq, limit) as EventRow[]).map(toEvent);
    },

    /** What the agent said in a turn after `seq`, in its own words: not what its helpers told it. */
    listSaid(sessionId: SessionId, turnId: TurnId, seq: number): string[] {
      return (said.all(sessionId, turnId, seq) as (string | null)[]).filter((text) => text !== null);
    },

    /** What the events above `seq` hold, and the last of them; `seq` itself where there is none. */
    sizeAfter(sessionId: SessionId, seq: number): { bytes: number; seq: number } {
      const row = size.get(sessionId, seq) as { bytes: number; seq: number | null };
      return { bytes: row.bytes, seq: row.seq ?? seq };
    },

    listOfTypes(sessionId: SessionId, types: SessionEventType[]): SessionEvent[] {
      return (ofTypes.all(sessionId, JSON.stringify(types)) as EventRow[]).map(toEvent);
    },
  };
}

function toEvent(row: EventRow): SessionEvent {
  const type = row.type as SessionEventType;
  let data: unknown = JSON.parse(row.data);
  let v = row.v;
  for (let lift = UPCASTERS[type]?.[v]; lift; lift = UPCASTERS[type]?.[v]) {
    data = lift(data);
    v += 1;
  }
  return {
    seq: row.seq,
    v,
    type,
    at: row.at,
    actor: row.actor,
    ...(row.turn_id === null ? {} : { turnId: row.turn_id }),
    ...(row.prompt_id === null ? {} : { promptId: row.prompt_id }),
    data,
  } as SessionEvent;
}
