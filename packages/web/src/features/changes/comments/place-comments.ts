import type { CheckpointId } from "@background-agents/shared/ids";
import type { DiffSide, LineRange, ReviewComment } from "@background-agents/shared/reviews/comment";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import type { DiffScope } from "../../../api/reviews-client.ts";

/** Where a comment stands in the diff of a file. */
export interface PlacedComment {
  comment: ReviewComment;
  side: DiffSide;
  /** Null: it stands above the lines, since those it was made on are not in this diff. */
  lines: LineRange | null;
}

export interface ShownDiff {
  file: ChangedFile;
  scope: DiffScope;
  /** The scope ends where the work stands now. */
  reachesNow: boolean;
  head: CheckpointId | null;
}

const NONE: readonly PlacedComment[] = [];

/** The comments of each file's diff, by its path, in the order they were made; `of` answers with none for all others. */
export function placeAllComments(
  comments: readonly ReviewComment[],
  files: readonly ChangedFile[],
  shown: Omit<ShownDiff, "file">,
): { of: (path: string) => readonly PlacedComment[] } {
  const named = new Set(comments.flatMap(({ anchor, current }) => [anchor.path, current?.path ?? anchor.path]));
  const commented = files.filter(
    ({ path, oldPath }) => named.has(path) || (oldPath !== undefined && named.has(oldPath)),
  );
  const placed = new Map(commented.map((file) => [file.path, placeComments(comments, { file, ...shown })]));
  return { of: (path) => placed.get(path) ?? NONE };
}

/** The comments of one file that belong into this diff of it, in the order they were made. */
export function placeComments(comments: readonly ReviewComment[], shown: ShownDiff): PlacedComment[] {
  return comments
    .flatMap((comment) => placeComment(comment, shown) ?? [])
    .toSorted((a, b) => a.comment.id.localeCompare(b.comment.id));
}

function placeComment(comment: ReviewComment, { file, scope, reachesNow, head }: ShownDiff): PlacedComment | null {
  const { anchor, current, outcome } = comment;
  const oldPath = file.oldPath ?? file.path;
  // Its own moment is in view: there it stands exactly.
  if (anchor.side === "new" && anchor.at === scope.to && anchor.path === file.path) {
    return { comment, side: "new", lines: anchor.lines };
  }
  if (anchor.side === "old" && anchor.at === scope.from && anchor.path === oldPath) {
    return { comment, side: "old", lines: anchor.lines };
  }
  if (!reachesNow) return null;
  if (current && current.path === file.path && anchor.side === "new") {
    return { comment, side: "new", lines: current.lines };
  }
  const path = current?.path ?? anchor.path;
  if (path !== file.path && path !== oldPath) return null;
  // What answered it stands where it was made, as long as nothing came after.
  const lines = outcome?.hunk && outcome.checkpointId === head ? linesOfHunk(outcome.hunk) : null;
  return { comment, side: file.status === "deleted" ? "old" : "new", lines };
}

/** The changed lines of a hunk in the new file; null where it only takes lines away. */
export function linesOfHunk(hunk: string): LineRange | null {
  const [header = "", ...lines] = hunk.split("\n");
  const first = Number(/^@@ -\d+(?:,\d+)? \+(\d+)/.exec(header)?.[1] ?? 0);
  const signs = lines.filter((line) => !line.startsWith("-") && !line.startsWith("\\")).map((line) => line[0]);
  const [start, end] = [signs.indexOf("+"), signs.lastIndexOf("+")];
  return start === -1 || first === 0 ? null : { start: first + start, end: first + end };
}
