import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { SettledPart } from "@background-agents/shared/sessions/part";
import { textEnds } from "../lib/text-tail.ts";

/** Kept inline of an output that goes to a blob: this much of its beginning and of its end, in characters. */
const END_LIMIT = 16_384;

/** A blob has to fit the server's limit; of a larger output only what OpenCode itself kept is told. */
const BLOB_LIMIT_BYTES = 20 * 2 ** 20;

export interface Blob {
  /** SHA-256 of the content, in hex. */
  hash: string;
  content: string;
}

/** Takes a tool's output over `limitBytes` out of the part: its ends stay, the whole of it becomes a blob. Pure. */
export function separateLargeOutput(part: SettledPart, limitBytes: number): { part: SettledPart; blob?: Blob } {
  const output = part.tool?.output;
  if (!part.tool || output === undefined || Buffer.byteLength(output) <= limitBytes) return { part };
  const hash = createHash("sha256").update(output).digest("hex");
  const tool = { ...part.tool, output: textEnds(output, END_LIMIT), outputBlob: hash };
  return { part: { ...part, tool }, blob: { hash, content: output } };
}

/** OpenCode writes the file beside the call: it says "completed" before the last of it is on disk. */
const WRITTEN_WITHIN_MS = 10_000;
const LOOK_MS = 20;

/** What OpenCode kept of a long output after its hint at the file: the very end of that file. Pure. */
export function keptEndOf(output: string, file: string): string {
  const hint = `Full output saved to: ${file}\n\n`;
  const at = output.indexOf(hint);
  if (at < 0) return "";
  return output.slice(at + hint.length).replace(/\s*<shell_metadata>[\s\S]*<\/shell_metadata>\s*$/, "");
}

/**
 * The text of a file with a whole output, once it ends with `end`. Undefined where the file is gone, is larger than a
 * blob may be, or does not get that end in time: a text that misses its last lines is worse than one that says so.
 */
export async function readFullOutput(
  file: string,
  end: string,
  withinMs = WRITTEN_WITHIN_MS,
): Promise<string | undefined> {
  const until = Date.now() + withinMs;
  try {
    for (;;) {
      if ((await stat(file)).size > BLOB_LIMIT_BYTES) return undefined;
      const text = await readFile(file, "utf8");
      if (text.trimEnd().endsWith(end.trimEnd())) return text;
      if (Date.now() >= until) return undefined;
      await setTimeout(LOOK_MS);
    }
  } catch {
    return undefined;
  }
}
