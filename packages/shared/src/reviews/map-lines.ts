import type { LineRange } from "./comment.ts";
import type { Segment } from "./patch-hunks.ts";

/**
 * Where lines of the old file are in the new one. Lines inserted between them are taken along; null where one of them
 * was rewritten or removed. `segments` in their order. Pure.
 */
export function mapLines(segments: readonly Segment[], lines: LineRange): LineRange | null {
  let { start, end } = lines;
  for (const { oldStart, oldCount, newCount } of segments) {
    if (oldCount === 0) {
      if (oldStart < lines.start) start += newCount;
      if (oldStart < lines.end) end += newCount;
    } else if (oldStart + oldCount - 1 < lines.start) {
      start += newCount - oldCount;
      end += newCount - oldCount;
    } else if (oldStart <= lines.end) {
      return null;
    }
  }
  return { start, end };
}

/**
 * Like {@link mapLines}, but never lost: where lines were rewritten, the lines that took their place belong to the
 * answer, and where nothing did, the two lines around the gap.
 */
export function mapLinesRoughly(segments: readonly Segment[], lines: LineRange): LineRange {
  const exact = mapLines(segments, lines);
  if (exact) return exact;
  const hit = segments.filter((segment) => segment.oldCount > 0 && touches(segment, lines));
  const start = Math.min(shifted(segments, lines.start, hit), ...hit.map(({ newStart }) => newStart));
  const ends = hit.map(({ newStart, newCount }) => newStart + Math.max(newCount, 2) - 1);
  const end = Math.max(shifted(segments, lines.end, hit), ...ends);
  return { start: Math.max(1, start), end: Math.max(1, start, end) };
}

/** The new number of an old line; of one that is gone, that of what took its place. */
function shifted(segments: readonly Segment[], line: number, hit: readonly Segment[]): number {
  const own = hit.find(({ oldStart, oldCount }) => oldStart <= line && line < oldStart + oldCount);
  if (own) return own.newStart;
  return mapLines(segments, { start: line, end: line })?.start ?? line;
}

/**
 * Whether a change is one of these lines: it replaces or removes one, or inserts between them or right beside them
 * (that is how "check this first" is answered).
 */
export function touches({ oldStart, oldCount }: Segment, lines: LineRange): boolean {
  if (oldCount === 0) return oldStart >= lines.start - 1 && oldStart <= lines.end;
  return oldStart <= lines.end && oldStart + oldCount - 1 >= lines.start;
}
