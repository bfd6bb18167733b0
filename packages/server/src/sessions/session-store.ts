import type { NetworkMode } from "@background-agents/shared/egress/network";
import type { CheckpointId, PromptId, SessionId, TurnId } from "@background-agents/shared/ids";
import type { ListSessionsQuery } from "@background-agents/shared/protocol/commands";
import type { Checkpoint, Prompt, Session } from "@background-agents/shared/sessions/session";
import type { Database } from "../db/database.ts";
import type { SessionState } from "./session-state.ts";
import {
  toPrompt,
  toPromptRow,
  toSession,
  toSessionRow,
  toState,
  type PromptRow,
  type SessionRow,
} from "./session-rows.ts";

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore(deps: { db: Database }) {
  const { db } = deps;
  const session = db.prepare("SELECT * FROM sessions WHERE id = ?");
  // The prompts that matter to the machine: those that have not ended, and the one whose turn ended last.
  const livePrompts = db.prepare(
    `SELECT * FROM prompts WHERE session_id = @id AND (ended_at IS NULL OR id =
       (SELECT id FROM prompts WHERE session_id = @id AND status IN ('completed', 'failed', 'interrupted')
         ORDER BY ended_at DESC, position DESC LIMIT 1)) ORDER BY position`,
  );
  const allPrompts = db.prepare("SELECT * FROM prompts WHERE session_id = ? ORDER BY position");
  const prompt = db.prepare("SELECT * FROM prompts WHERE id = ?");
  const nextPosition = db.prepare("SELECT coalesce(max(position), 0) + 1 FROM prompts WHERE session_id = ?").pluck();
  const positionOf = db.prepare("SELECT position FROM prompts WHERE id = ?").pluck();
  const unsettled = db
    .prepare(
      "SELECT id FROM sessions WHERE sandbox_status NOT IN ('none', 'stopped', 'failed') OR EXISTS (SELECT 1 FROM prompts WHERE session_id = sessions.id AND ended_at IS NULL) OR (last_commit IS NOT NULL AND last_commit IS NOT published_commit) OR json_extract(details, '$.setup.status') = 'running' ORDER BY coalesce(json_extract(details, '$.machine.queuedSince'), last_activity_at), id",
    )
    .pluck();
  const creation = db.prepare("SELECT body_hash FROM creations WHERE id = ?").pluck();
  const insertCreation = db.prepare("INSERT INTO creations (id, body_hash) VALUES (?, ?)");
  const insertReport = db.prepare("INSERT OR IGNORE INTO reports (session_id, boot, report) VALUES (?, ?, ?)");
  const lastReport = db
    .prepare("SELECT coalesce(max(report), 0) FROM reports WHERE session_id = ? AND boot = ?")
    .pluck();
  const insertCheckpoint = db.prepare(
    `INSERT INTO checkpoints (id, session_id, origin, turn_id, prompt_id, parent_id, commit_id, files, additions, deletions, created_at)
     VALUES (@id, @sessionId, @origin, @turnId, @promptId, @parentId, @commit, @files, @additions, @deletions, @createdAt)`,
  );
  const checkpoints = db.prepare("SELECT * FROM checkpoints WHERE session_id = ? ORDER BY id");
  const checkpoint = db.prepare("SELECT * FROM checkpoints WHERE session_id = ? AND id = ?");
  const inUse = db.prepare("SELECT count(*) FROM sessions WHERE repository_id = ? AND deleted_at IS NULL").pluck();

  const modelUsers = db
    .prepare(
      `SELECT title FROM sessions WHERE deleted_at IS NULL AND (
           archived = 0 AND (@models IS NULL AND substr(model, 1, length(@prefix)) = @prefix
             OR model IN (SELECT @prefix || value FROM json_each(@models)))
           OR EXISTS (SELECT 1 FROM prompts WHERE session_id = sessions.id AND ended_at IS NULL AND
             ((@models IS NULL AND substr(prompts.model, 1, length(@prefix)) = @prefix)
               OR prompts.model IN (SELECT @prefix || value FROM json_each(@models)))))
         ORDER BY last_activity_at DESC`,
    )
    .pluck();

  const stoppedByBudget = db
    .prepare(
      "SELECT id FROM sessions WHERE deleted_at IS NULL AND json_extract(details, '$.budgetReached') IS NOT NULL ORDER BY last_activity_at, id",
    )
    .pluck();

  const unpurged = db.prepare("SELECT id FROM sessions WHERE purged_at IS NULL ORDER BY id").pluck();
  const expired = db
    .prepare("SELECT id FROM sessions WHERE purged_at IS NULL AND deleted_at <= ? ORDER BY deleted_at")
    .pluck();

  const fillMode = db.prepare(
    "UPDATE sessions SET details = json_set(details, '$.networkMode', ?) WHERE json_type(details, '$.networkMode') IS NULL",
  );

  const insertOrUpdateSession = upsert(db, "sessions", SESSION_COLUMNS);
  const insertOrUpdatePrompt = upsert(db, "prompts", PROMPT_COLUMNS);

  return {
    find(id: SessionId): SessionState | undefined {
      const row = session.get(id) as SessionRow | undefined;
      return row && toState(row, livePrompts.all({ id }) as PromptRow[]);
    },

    save(state: SessionState): void {
      insertOrUpdateSession.run(toSessionRow(state));
      // The order of the list is the order in which they run: places are given out anew among those that are there.
      const fresh = nextPosition.get(state.session.id) as number;
      const places = state.prompts
        .map((one, index) => (positionOf.get(one.id) as number | undefined) ?? fresh + index)
        .sort((a, b) => a - b);
      for (const [index, one] of state.prompts.entries()) {
        insertOrUpdatePrompt.run(toPromptRow(one, places[index] ?? fresh));
      }
    },

    findPrompt(id: PromptId): Prompt | undefined {
      const row = prompt.get(id) as PromptRow | undefined;
      return row && toPrompt(row);
    },

    listPrompts(id: SessionId): Prompt[] {
      return (allPrompts.all(id) as PromptRow[]).map(toPrompt);
    },

    /**
     * A page of sessions, newest activity first; deleted ones only where they are asked for, until they are purged.
     * `cursor` is what the page before gave.
     */
    list(query: ListSessionsQuery, pageSize: number): { sessions: Session[]; nextCursor: string | null } {
      const [at, id] = query.cursor?.split("|") ?? [];
      const rows = db
        .prepare(
          `SELECT * FROM sessions WHERE (deleted_at IS NOT NULL) = @deleted AND purged_at IS NULL
             AND (@archived IS NULL OR archived = @archived)
             AND (@attention IS NULL OR attention = @attention) AND (@status IS NULL OR status = @status)
             AND (@repository IS NULL OR repository_id = @repository)
             AND (@q IS NULL OR instr(lower(title || ' ' || repository_name), lower(@q)) > 0)
             AND (@at IS NULL OR (last_activity_at, id) < (@at, @id))
           ORDER BY last_activity_at DESC, id DESC LIMIT @limit`,
        )
        .all({
          deleted: query.deleted ? 1 : 0,
          archived: query.deleted && query.archived === undefined ? null : Number(query.archived ?? false),
          attention: query.attention ?? null,
          status: query.status ?? null,
          repository: query.repository ?? null,
          q: query.q ?? null,
          at: at ?? null,
          id: id ?? null,
          limit: pageSize + 1,
        }) as SessionRow[];
      const page = rows.slice(0, pageSize);
      const last = page.at(-1);
      return {
        sessions: page.map(toSession),
        nextCursor: rows.length > pageSize && last ? `${last.last_activity_at}|${last.id}` : null,
      };
    },

    /**
     * Sessions with something under way: a sandbox, a prompt without an end, or work that is not published. Those that wait
     * for a sandbox in the order in which they began to.
     */
    listUnsettled(): SessionId[] {
      return unsettled.all() as SessionId[];
    },

    /** Sessions of which more is kept than their row and events; deleted ones, too, until they are purged. */
    listUnpurged(): SessionId[] {
      return unpurged.all() as SessionId[];
    },

    /** Sessions deleted at `at` (ISO 8601) or before and not purged yet. */
    listDeletedUntil(at: string): SessionId[] {
      return expired.all(at) as SessionId[];
    },

    /** Titles of the sessions that are not put away and use a provider's models: those named, or any. */
    listModelUsers(provider: string, models?: readonly string[]): string[] {
      return modelUsers.all({ prefix: `${provider}/`, models: models ? JSON.stringify(models) : null }) as string[];
    },

    /** Sessions that a used-up budget keeps from going on, the one that waits longest first. */
    listStoppedByBudget(): SessionId[] {
      return stoppedByBudget.all() as SessionId[];
    },

    /** The hash of the body an id was created with. */
    findCreation(id: string): string | undefined {
      return creation.get(id) as string | undefined;
    },

    recordCreation(id: string, bodyHash: string): void {
      insertCreation.run(id, bodyHash);
    },

    /** False where this report was recorded before. */
    recordReport(sessionId: SessionId, boot: string, report: number): boolean {
      return insertReport.run(sessionId, boot, report).changes === 1;
    },

    lastReport(sessionId: SessionId, boot: string): number {
      return lastReport.get(sessionId, boot) as number;
    },

    recordCheckpoint(made: Checkpoint): void {
      const { changes, ...rest } = made;
      insertCheckpoint.run({ ...rest, ...changes });
    },

    listCheckpoints(id: SessionId): Checkpoint[] {
      return (checkpoints.all(id) as CheckpointRow[]).map(toCheckpoint);
    },

    findCheckpoint(sessionId: SessionId, id: CheckpointId): Checkpoint | undefined {
      const row = checkpoint.get(sessionId, id) as CheckpointRow | undefined;
      return row && toCheckpoint(row);
    },

    /** Gives sessions of older servers, which have none, the mode that held for all of them. */
    fillNetworkMode(mode: NetworkMode): void {
      fillMode.run(mode);
    },

    countSessionsOf(repositoryId: string): number {
      return inUse.get(repositoryId) as number;
    },
  };
}

interface CheckpointRow {
  id: string;
  session_id: string;
  origin: string;
  turn_id: string | null;
  prompt_id: string | null;
  parent_id: string | null;
  commit_id: string;
  files: number;
  additions: number;
  deletions: number;
  created_at: string;
}

function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: row.id as CheckpointId,
    sessionId: row.session_id as SessionId,
    origin: row.origin as Checkpoint["origin"],
    turnId: row.turn_id as TurnId | null,
    promptId: row.prompt_id as PromptId | null,
    parentId: row.parent_id as CheckpointId | null,
    commit: row.commit_id,
    changes: { files: row.files, additions: row.additions, deletions: row.deletions },
    createdAt: row.created_at,
  };
}

const PROMPT_COLUMNS: (keyof PromptRow)[] = [
  "id",
  "session_id",
  "text",
  "mode",
  "status",
  "model",
  "effort",
  "turn_id",
  "error_code",
  "error_message",
  "position",
  "created_at",
  "started_at",
  "ended_at",
];

const SESSION_COLUMNS = (
  "id title repository_id repository_name repository_path base_branch base_commit branch model effort status " +
  "status_reason status_detail stopping attention asking sandbox_status sandbox_phase sandbox_reason sandbox_log_tail " +
  "sandbox_boot changed_files additions deletions last_checkpoint_id last_commit checkpoint_seq published_commit " +
  "publish_conflict input_tokens output_tokens cost_usd last_seq seen_seq archived deleted_at purged_at created_at last_activity_at " +
  "details generation restored"
).split(" ");

function upsert(db: Database, table: string, columns: readonly string[]) {
  const values = columns.map((column) => `@${column}`).join(", ");
  const updates = columns
    .filter((column) => column !== "id")
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");
  return db.prepare(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${values}) ON CONFLICT (id) DO UPDATE SET ${updates}`,
  );
}
