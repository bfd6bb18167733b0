import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "../lib/app-error.ts";

export const MAX_BLOB_BYTES = 25 * 1024 * 1024;

export type BlobStore = ReturnType<typeof createBlobStore>;

/** Files by the SHA-256 of what was sent: `DATA_DIR/blobs/<first two>/<sha256>`. */
export function createBlobStore(deps: {
  dataDir: string;
  /** What content goes through before it is stored; its name stays that of what was sent. */
  redact?: (() => Transform) | undefined;
}) {
  const { redact } = deps;
  const pathOf = (hash: string): string => join(deps.dataDir, "blobs", hash.slice(0, 2), hash);

  return {
    /** Stores `body`; throws `request.invalid` where its SHA-256 is not `hash`, `request.too-large` over 25 MiB. */
    async save(hash: string, body: Readable): Promise<void> {
      const path = pathOf(hash);
      if (existsSync(path)) {
        body.resume();
        return;
      }
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${randomUUID()}.part`;
      const digest = createHash("sha256");
      let size = 0;
      const check = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length;
          digest.update(chunk);
          if (size > MAX_BLOB_BYTES) done(new AppError("request.too-large", "A blob may have 25 MiB at most."));
          else done(null, chunk);
        },
      });
      try {
        const target = createWriteStream(temporary, { mode: 0o600 });
        await (redact ? pipeline(body, check, redact(), target) : pipeline(body, check, target));
        if (digest.digest("hex") !== hash)
          throw new AppError("request.invalid", "The content does not have that SHA-256.");
        renameSync(temporary, path);
      } finally {
        rmSync(temporary, { force: true });
      }
    },

    /** Removes what an upload left unfinished before `before`; answers how many files. */
    async removeUnfinished(before: Date): Promise<number> {
      const root = join(deps.dataDir, "blobs");
      if (!existsSync(root)) return 0;
      let removed = 0;
      for (const name of await readdir(root, { recursive: true })) {
        const path = join(root, name);
        if (!name.endsWith(".part") || (await stat(path)).mtime >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },

    /** Throws `blob.not-found`. */
    read(hash: string): Readable {
      const path = pathOf(hash);
      if (!existsSync(path)) throw new AppError("blob.not-found", "There is no such blob.");
      return createReadStream(path);
    },
  };
}
