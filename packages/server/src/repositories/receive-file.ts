import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError, messageOf } from "../lib/app-error.ts";

/**
 * Writes `source` to `path`, whole and on disk, or not at all; gives its size in bytes.
 * Throws `checkpoint.refused` over `limits.bytes`, or when nothing arrives for `limits.idleMs`.
 */
export async function receiveFile(
  source: Readable,
  path: string,
  limits: { bytes: number; idleMs: number },
): Promise<number> {
  const partial = `${path}.partial`;
  let size = 0;
  const stalled = new AbortController();
  const idle = setTimeout(() => stalled.abort(), limits.idleMs);
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      idle.refresh();
      size += chunk.length;
      if (size > limits.bytes) done(new AppError("checkpoint.refused", `What was sent is over ${limits.bytes} bytes.`));
      else done(null, chunk);
    },
  });
  try {
    const target = createWriteStream(partial, { mode: 0o600, flush: true });
    await pipeline(source, meter, target, { signal: stalled.signal });
    await rename(partial, path);
    return size;
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof AppError) throw error;
    const why = stalled.signal.aborted ? `nothing arrived for ${limits.idleMs / 1000} s` : messageOf(error);
    throw new AppError("checkpoint.refused", `The upload broke off: ${why}.`, { cause: error });
  } finally {
    clearTimeout(idle);
  }
}
