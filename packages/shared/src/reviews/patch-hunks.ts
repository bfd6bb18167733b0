/** A run of changed lines: `oldCount` lines from `oldStart` became `newCount` lines from `newStart`. Lines count from 1. */
export interface Segment {
  /** The first line replaced; where `oldCount` is 0, the line after which lines were inserted (0: at the top). */
  oldStart: number;
  oldCount: number;
  /** The first new line; where `newCount` is 0, the line after which the old ones stood. */
  newStart: number;
  newCount: number;
}

/** A hunk of a unified patch. */
export interface Hunk {
  /** The whole `@@ … @@` line. */
  header: string;
  /** The lines after it, with their ` `, `+`, `-` or `\`. */
  lines: string[];
  /** What changed in it, without the context. */
  segments: Segment[];
}

const HEADER = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads the hunks of one file's unified patch; what stands before the first one is skipped. Pure. */
export function parseHunks(patch: string): Hunk[] {
  const hunks: Hunk[] = [];
  let hunk: Hunk | undefined;
  let place = { old: 0, new: 0 };
  for (const line of patch.split("\n")) {
    const header = HEADER.exec(line);
    if (header) {
      hunk = { header: line, lines: [], segments: [] };
      hunks.push(hunk);
      place = { old: firstLine(line, "-", header[1]), new: firstLine(line, "\\+", header[2]) };
    } else if (hunk && /^[-+ \\]/.test(line)) {
      hunk.lines.push(line);
      place = follow(hunk, line, place);
    } else if (line.startsWith("diff --git ")) {
      hunk = undefined;
    }
  }
  return hunks;
}

/** The next line on a side; of an empty side the header names the line before. */
function firstLine(header: string, sign: string, start: string | undefined): number {
  const isEmpty = new RegExp(` ${sign}\\d+,0 `).test(header);
  return Number(start) + (isEmpty ? 1 : 0);
}

function follow(hunk: Hunk, line: string, at: { old: number; new: number }): { old: number; new: number } {
  if (line.startsWith("\\")) return at;
  const last = hunk.segments.at(-1);
  const previous = hunk.lines.at(-2);
  const goesOn = last !== undefined && previous !== undefined && !previous.startsWith(" ");
  if (line.startsWith(" ")) return { old: at.old + 1, new: at.new + 1 };
  const segment = goesOn ? last : { oldStart: at.old - 1, oldCount: 0, newStart: at.new - 1, newCount: 0 };
  if (!goesOn) hunk.segments.push(segment);
  if (line.startsWith("-")) {
    if (segment.oldCount === 0) segment.oldStart = at.old;
    segment.oldCount += 1;
    return { old: at.old + 1, new: at.new };
  }
  if (segment.newCount === 0) segment.newStart = at.new;
  segment.newCount += 1;
  return { old: at.old, new: at.new + 1 };
}

/** The hunk as a piece of a patch, cut after `maxCharacters` with a line that says so. */
export function hunkText(hunk: Hunk, maxCharacters: number): string {
  const text = [hunk.header, ...hunk.lines].join("\n");
  if (text.length <= maxCharacters) return text;
  const end = text.lastIndexOf("\n", maxCharacters - 40);
  return `${text.slice(0, end)}\n\\ The hunk goes on; it is cut here.`;
}
