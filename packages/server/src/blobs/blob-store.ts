import { createHash, randomUUID } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SessionId } from "@background-agents/shared/ids";
import { AppError } from "../lib/app-error.ts";

export const MAX_BLOB_BYTES = 25 * 1024 * 1024;
/** The smallest file takes about so much of a disk, itself and its names. */
const LEAST_BYTES = 8192;
/** An upload that stands still for so long is given up. */
const IDLE_LIMIT_MS = 60_000;

/** Owns what was there before anybody noted who sent it: whoever did may still show it. Never forgotten. */
const UNKNOWN = "unknown";

export type BlobStore = ReturnType<typeof createBlobStore>;

/**
 * Files by the SHA-256 of what was sent: `DATA_DIR/blobs/<first two>/<sha256>`. Sessions that sent the same share it; an
 * empty file `blobs/of/<session>/<sha256>` says that one did.
 */
export function createBlobStore(deps: {
  dataDir: string;
  /** What content goes through before it is stored; its name stays that of what was sent. */
  redact?: (() => Transform) | undefined;
  idleLimitMs?: number;
}) {
  const { redact, idleLimitMs = IDLE_LIMIT_MS } = deps;
  const pathOf = (hash: string): string => join(deps.dataDir, "blobs", hash.slice(0, 2), hash);
  const owners = join(deps.dataDir, "blobs", "of");
  /** What was counted once goes on from there. */
  const held = new Map<SessionId, number>();

  const sizeOf = (size: number): number => Math.max(LEAST_BYTES, size);

  function mark(owner: string, hash: string): void {
    mkdirSync(join(owners, owner), { recursive: true });
    writeFileSync(join(owners, owner, hash), "");
  }

  const isOwned = (hash: string): boolean =>
    existsSync(owners) && readdirSync(owners).some((id) => existsSync(join(owners, id, hash)));

  /** Both at once, so that no other session's end comes between. */
  function noteOwner(sessionId: SessionId, hash: string): void {
    if (existsSync(join(owners, sessionId, hash))) return;
    mark(sessionId, hash);
    const before = held.get(sessionId);
    if (before !== undefined) held.set(sessionId, before + sizeOf(statSync(pathOf(hash)).size));
  }

  return {
    /**
     * Stores what the session sends; throws `request.invalid` where its SHA-256 is not `hash`, `request.too-large` over
     * 25 MiB.
     */
    async save(sessionId: SessionId, hash: string, body: Readable): Promise<void> {
      const path = pathOf(hash);
      if (existsSync(path)) {
        if (!isOwned(hash)) mark(UNKNOWN, hash);
        noteOwner(sessionId, hash);
        body.resume();
        return;
      }
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${randomUUID()}.part`;
      const digest = createHash("sha256");
      let size = 0;
      const stalled = new AbortController();
      const idle = setTimeout(() => stalled.abort(), idleLimitMs);
      const check = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          idle.refresh();
          size += chunk.length;
          digest.update(chunk);
          if (size > MAX_BLOB_BYTES) done(new AppError("request.too-large", "A blob may have 25 MiB at most."));
          else done(null, chunk);
        },
      });
      try {
        const target = createWriteStream(temporary, { mode: 0o600 });
        const { signal } = stalled;
        await (redact
          ? pipeline(body, check, redact(), target, { signal })
          : pipeline(body, check, target, { signal }));
        if (digest.digest("hex") !== hash)
          throw new AppError("request.invalid", "The content does not have that SHA-256.");
        renameSync(temporary, path);
        noteOwner(sessionId, hash);
      } catch (error) {
        if (!stalled.signal.aborted) throw error;
        throw new AppError("request.invalid", "The upload stood still for too long.", { cause: error });
      } finally {
        clearTimeout(idle);
        rmSync(temporary, { force: true });
      }
    },

    /** About what the session's blobs take on the disk, those included that others sent too. */
    async heldBy(sessionId: SessionId): Promise<number> {
      const known = held.get(sessionId);
      if (known !== undefined) return known;
      let bytes = 0;
      for (const hash of await list(join(owners, sessionId))) {
        const found = await stat(pathOf(hash)).catch(() => undefined);
        bytes += sizeOf(found?.size ?? 0);
      }
      held.set(sessionId, bytes);
      return bytes;
    },

    /** Lets go of what the session sent; what no other sent is removed. May be called again. */
    async forget(sessionId: SessionId): Promise<void> {
      for (const hash of await list(join(owners, sessionId))) {
        // In one go, so that no upload finds the file there that is then removed.
        const isAnothers = readdirSync(owners).some((id) => id !== sessionId && existsSync(join(owners, id, hash)));
        if (!isAnothers) rmSync(pathOf(hash), { force: true });
        rmSync(join(owners, sessionId, hash), { force: true });
      }
      held.delete(sessionId);
      await rm(join(owners, sessionId), { recursive: true, force: true });
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

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
