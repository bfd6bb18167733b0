import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
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

/** The text of a file with a whole output; undefined where it is gone or larger than a blob may be. */
export async function readFullOutput(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size <= BLOB_LIMIT_BYTES ? await readFile(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
