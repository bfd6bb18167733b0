import type { JobId, SessionId } from "@background-agents/shared/ids";
import type { Job, JobError } from "@background-agents/shared/jobs/job";
import type { Database } from "../db/database.ts";

interface JobRow {
  id: string;
  session_id: string;
  kind: string;
  status: string;
  summary: string;
  result: string | null;
  error: string | null;
  log: string;
  started_at: string;
  ended_at: string | null;
}

export type JobStore = ReturnType<typeof createJobStore>;

export function createJobStore(deps: { db: Database }) {
  const { db } = deps;
  const insert = db.prepare(
    `INSERT INTO jobs (id, session_id, kind, status, summary, log, started_at)
     VALUES (@id, @sessionId, @kind, 'running', @summary, '', @startedAt)`,
  );
  const end = db.prepare(
    "UPDATE jobs SET status = @status, result = @result, error = @error, log = @log, ended_at = @endedAt WHERE id = @id",
  );
  const saveLog = db.prepare("UPDATE jobs SET log = ? WHERE id = ?");
  const one = db.prepare("SELECT * FROM jobs WHERE id = ?");
  const ofSession = db.prepare("SELECT * FROM jobs WHERE session_id = ? ORDER BY id DESC LIMIT ?");
  const running = db.prepare("SELECT * FROM jobs WHERE status = 'running' ORDER BY id");

  return {
    insert(job: Pick<Job, "id" | "sessionId" | "kind" | "summary" | "startedAt">): void {
      insert.run({
        id: job.id,
        sessionId: job.sessionId,
        kind: job.kind,
        summary: job.summary,
        startedAt: job.startedAt,
      });
    },

    end(id: JobId, outcome: { result: string | null; error: JobError | null; log: string; endedAt: string }): void {
      end.run({
        id,
        status: outcome.error === null ? "succeeded" : "failed",
        result: outcome.result,
        error: outcome.error && JSON.stringify(outcome.error),
        log: outcome.log,
        endedAt: outcome.endedAt,
      });
    },

    saveLog(id: JobId, log: string): void {
      saveLog.run(log, id);
    },

    find(id: JobId): Job | undefined {
      const row = one.get(id) as JobRow | undefined;
      return row && toJob(row);
    },

    /** The last `limit` jobs of the session, newest first. */
    list(sessionId: SessionId, limit: number): Job[] {
      return (ofSession.all(sessionId, limit) as JobRow[]).map(toJob);
    },

    listRunning(): Job[] {
      return (running.all() as JobRow[]).map(toJob);
    },
  };
}

// The rows were written from validated values.
function toJob(row: JobRow): Job {
  return {
    id: row.id as JobId,
    sessionId: row.session_id as SessionId,
    kind: row.kind as Job["kind"],
    status: row.status as Job["status"],
    summary: row.summary,
    result: row.result,
    error: row.error === null ? null : (JSON.parse(row.error) as JobError),
    log: row.log,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
