import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { parseHunks, type Hunk } from "@background-agents/shared/reviews/patch-hunks";
import { createRecentValues } from "../lib/recent-values.ts";
import type { Quarantine } from "../repositories/quarantine.ts";

/** Two commits of a session. */
export interface Span {
  sessionId: SessionId;
  repositoryId: RepositoryId;
  from: string;
  to: string;
}

/** What became of one file between two commits. */
export interface Followed {
  /** Where it is now; null where it is gone. */
  path: string | null;
  hunks: Hunk[];
}

const KEPT = 200;

export type CommentPlaces = ReturnType<typeof createCommentPlaces>;

/** Follows files, and with them the lines of comments, from commit to commit. */
export function createCommentPlaces(deps: { quarantine: Pick<Quarantine, "changes" | "diff"> }) {
  const kept = createRecentValues<Followed>(KEPT);

  async function read(span: Span, path: string): Promise<Followed> {
    const files = await deps.quarantine.changes(span);
    const file = files.find((one) => (one.status === "renamed" ? one.oldPath : one.path) === path);
    if (!file || file.status === "copied") return { path, hunks: [] };
    const hunks = parseHunks(await deps.quarantine.diff({ ...span, path: file.path }));
    return { path: file.status === "deleted" ? null : file.path, hunks };
  }

  return {
    /** Throws `checkpoint.not-found` where one of the commits is not known. */
    async follow(span: Span, path: string): Promise<Followed> {
      if (span.from === span.to) return { path, hunks: [] };
      return kept(`${span.sessionId} ${span.from} ${span.to} ${path}`, () => read(span, path));
    },
  };
}
