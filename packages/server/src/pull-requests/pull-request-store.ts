import type { SessionId } from "@background-agents/shared/ids";
import type { Database } from "../db/database.ts";

export type PullRequestStore = ReturnType<typeof createPullRequestStore>;

export function createPullRequestStore(deps: { db: Database }) {
  const open = deps.db
    .prepare(
      `SELECT id FROM sessions WHERE deleted_at IS NULL AND archived = 0
         AND json_extract(details, '$.pullRequest.state') = 'open' ORDER BY last_activity_at DESC`,
    )
    .pluck();

  return {
    /** Sessions whose pull request was open when it was last looked at, the latest activity first. */
    listOpen(): SessionId[] {
      return open.all() as SessionId[];
    },
  };
}
