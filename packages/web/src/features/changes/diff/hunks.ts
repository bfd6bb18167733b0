import type { DiffSide, LineRange } from "@background-agents/shared/reviews/comment";

/** A run of changed lines with its context, as the patch has it. */
export interface DiffHunk {
  /** `@@ -1,4 +1,5 @@`, without the words that git puts behind it. */
  header: string;
  old: { start: number; count: number };
  new: { start: number; count: number };
}

const HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm;

/** The hunks of a patch. A line of a file cannot pass for a header: each line of a patch begins with a sign. */
export function readHunks(patch: string): DiffHunk[] {
  return [...patch.matchAll(HEADER)].map(([header, oldStart, oldCount, newStart, newCount]) => ({
    header,
    old: { start: Number(oldStart), count: Number(oldCount ?? 1) },
    new: { start: Number(newStart), count: Number(newCount ?? 1) },
  }));
}

/** The hunk that shows a line; undefined where the line is folded away. */
export function hunkAt(hunks: readonly DiffHunk[], side: DiffSide, line: number): DiffHunk | undefined {
  return hunks.find((hunk) => {
    const { start, count } = hunk[side];
    return line >= start && line < start + count;
  });
}

/** Whether the diff shows the last of the lines, which is where a comment on them stands. */
export function showsLines(hunks: readonly DiffHunk[], side: DiffSide, { end }: LineRange): boolean {
  return hunkAt(hunks, side, end) !== undefined;
}
