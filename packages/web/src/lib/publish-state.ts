import type { Session } from "@background-agents/shared/sessions/session";

/** Where the session's work stands to its branch in the user's repository. */
export type PublishState = "nothing" | "published" | "waiting" | "conflict";

/** Pure. `waiting`: there is work that the branch does not have, and nothing is in its way. */
export function publishState(
  session: Pick<Session, "lastCommit" | "baseCommit" | "publishedCommit" | "publishConflict">,
): PublishState {
  const { lastCommit, baseCommit, publishedCommit, publishConflict } = session;
  if (publishConflict !== null) return "conflict";
  if (lastCommit !== null && lastCommit === publishedCommit) return "published";
  if (lastCommit === null || (lastCommit === baseCommit && publishedCommit === null)) return "nothing";
  return "waiting";
}

/** Whether the remote lacks something of the work; false where nothing was ever pushed. */
export function isPushBehind({ push, lastCommit }: Pick<Session, "push" | "lastCommit">): boolean {
  return push !== null && lastCommit !== null && push.commit !== lastCommit;
}
