export interface PatchLine {
  kind: "context" | "add" | "remove";
  text: string;
  /** Number in the old file; null for an added line. */
  oldNumber: number | null;
  /** Number in the new file; null for a removed line. */
  newNumber: number | null;
}

export interface PatchHunk {
  lines: PatchLine[];
}

export interface ParsedPatch {
  hunks: PatchHunk[];
  additions: number;
  deletions: number;
}

const HUNK_HEADER = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified patch of one file. Lines outside of hunks (headers, file names) are left out. */
export function parsePatch(patch: string): ParsedPatch {
  const parsed: ParsedPatch = { hunks: [], additions: 0, deletions: 0 };
  let oldNumber = 0;
  let newNumber = 0;
  let hunk: PatchHunk | null = null;
  const lines = patch.replace(/\n$/, "").split("\n");
  for (const line of lines) {
    const header = HUNK_HEADER.exec(line);
    if (header) {
      oldNumber = Number(header[1]);
      newNumber = Number(header[2]);
      hunk = { lines: [] };
      parsed.hunks.push(hunk);
      continue;
    }
    if (!hunk) continue;
    const text = line.slice(1);
    if (line.startsWith("+")) {
      hunk.lines.push({ kind: "add", text, oldNumber: null, newNumber: newNumber++ });
      parsed.additions++;
    } else if (line.startsWith("-")) {
      hunk.lines.push({ kind: "remove", text, oldNumber: oldNumber++, newNumber: null });
      parsed.deletions++;
    } else if (line.startsWith(" ") || line === "") {
      hunk.lines.push({ kind: "context", text, oldNumber: oldNumber++, newNumber: newNumber++ });
    } else if (!line.startsWith("\\")) {
      hunk = null;
    }
  }
  return parsed;
}

/** Start and end of what differs between two lines: `[from, to)` in each; null where nothing or nearly all differs. */
export function changedRange(
  before: string,
  after: string,
): { before: [number, number]; after: [number, number] } | null {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before[start] === after[start]) start++;
  let end = 0;
  while (end < shortest - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const common = start + end;
  if (common === 0 || common < Math.max(before.length, after.length) * 0.3) return null;
  return { before: [start, before.length - end], after: [start, after.length - end] };
}
