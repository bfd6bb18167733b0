import type { LineRange } from "./comment.ts";
import type { Segment } from "./patch-hunks.ts";

/**
 * Which lines of our new file were changed by others too, both counted from the same old file. Two insertions at the
 * same place count, and so does one right beside a change. Lines that only went are told by none. Pure.
 */
export function overlappingLines(ours: readonly Segment[], theirs: readonly Segment[]): LineRange[] {
  return ours
    .filter((segment) => segment.newCount > 0 && theirs.some((other) => collide(segment, other)))
    .map(({ newStart, newCount }) => ({ start: newStart, end: newStart + newCount - 1 }));
}

/** Whether two changes of one old file are about the same lines. */
export function collide(a: Segment, b: Segment): boolean {
  const [firstA, lastA] = reach(a);
  const [firstB, lastB] = reach(b);
  return firstA <= lastB && firstB <= lastA;
}

/** An insertion lies between two lines: half a line after the one it follows. */
function reach({ oldStart, oldCount }: Segment): [first: number, last: number] {
  return oldCount === 0 ? [oldStart + 0.5, oldStart + 0.5] : [oldStart - 0.5, oldStart + oldCount - 0.5];
}
