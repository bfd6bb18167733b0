import type { SessionId } from "@background-agents/shared/ids";
import type { MarkViewedBody } from "@background-agents/shared/protocol/review-commands";
import type { Database } from "../db/database.ts";

export type ViewedStore = ReturnType<typeof createViewedStore>;

/** Which files of a session the user marked as viewed. A mark is for one content: it means nothing for the next. */
export function createViewedStore({ db }: { db: Database }) {
  const put = db.prepare(
    `INSERT INTO viewed_files (session_id, path, blob) VALUES (@sessionId, @path, @blob)
     ON CONFLICT (session_id, path) DO UPDATE SET blob = excluded.blob`,
  );
  const remove = db.prepare("DELETE FROM viewed_files WHERE session_id = ? AND path = ?");
  const list = db.prepare("SELECT path, blob FROM viewed_files WHERE session_id = ?");

  return {
    mark(sessionId: SessionId, { path, blob, viewed }: MarkViewedBody): void {
      if (viewed) put.run({ sessionId, path, blob });
      else remove.run(sessionId, path);
    },

    /** Path → git's id of the content that was viewed, null for a deleted file. */
    list(sessionId: SessionId): Map<string, string | null> {
      const rows = list.all(sessionId) as { path: string; blob: string | null }[];
      return new Map(rows.map(({ path, blob }) => [path, blob]));
    },
  };
}
