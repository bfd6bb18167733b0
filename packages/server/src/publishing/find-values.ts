import type { Redactor } from "../secrets/redact.ts";

/** Which secrets' values a content holds, and the line (from 1) at which each stands first. */
export interface ValueFinder {
  /** Takes the content in pieces, in order. */
  push(bytes: Buffer): void;
  lines: ReadonlyMap<string, number>;
}

/** Finds values in content of any size and kind: also across pieces, and in UTF-16, whose other bytes are zeros. */
export function createValueFinder(redactor: Redactor): ValueFinder {
  const lines = new Map<string, number>();
  // A character has three bytes at most in UTF-8, four in UTF-16.
  const overlap = redactor.longest * 4;
  let kept = Buffer.alloc(0);
  let linesBefore = 0;

  function look(text: string): void {
    for (const { name, index } of redactor.findAll(text)) {
      if (!lines.has(name)) lines.set(name, linesBefore + text.slice(0, index).split("\n").length);
    }
  }

  return {
    lines,
    push(bytes) {
      const whole = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
      const text = whole.toString("utf8");
      look(text);
      if (whole.includes(0)) look(text.replaceAll("\0", ""));
      const from = Math.max(0, whole.length - overlap);
      linesBefore += countLines(whole.subarray(0, from));
      kept = Buffer.from(whole.subarray(from));
    },
  };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
