import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { AppError } from "../lib/app-error.ts";

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/** What a sealed value belongs to, from the widest to the narrowest: moved to another place, it cannot be opened. */
export type SealPlace = readonly [kind: string, ...names: string[]];

export type Sealer = ReturnType<typeof createSealer>;

/**
 * Seals values with AES-256-GCM: one version byte, the nonce, the tag, the ciphertext. The key is `DATA_DIR/secret.key`
 * (0600), made when it is first needed to seal, and is never part of the database or its backups.
 */
export function createSealer(deps: { dataDir: string }) {
  const path = join(deps.dataDir, "secret.key");
  let held: Buffer | undefined;

  /** The key; undefined where none was made yet. Throws `secret.unreadable` where the file holds something else. */
  function readKey(): Buffer | undefined {
    if (held) return held;
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return undefined;
    if ((mode & 0o777) !== 0o600) chmodSync(path, 0o600);
    const key = readFileSync(path);
    if (key.length !== KEY_BYTES) {
      throw new AppError(
        "secret.unreadable",
        `The key file ${path} holds ${key.length} bytes instead of ${KEY_BYTES}: it is damaged. Bring back the right one from a backup; or move it away and set your secrets and keys anew.`,
      );
    }
    held = key;
    return key;
  }

  /** Whole or not at all, and never over an existing one: without it everything sealed would be lost. */
  function makeKey(): Buffer {
    const fresh = `${path}.${randomBytes(6).toString("hex")}`;
    const file = openSync(fresh, "wx", 0o600);
    try {
      writeSync(file, randomBytes(KEY_BYTES));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      linkSync(fresh, path);
    } finally {
      rmSync(fresh, { force: true });
    }
    const key = readKey();
    if (!key) throw new AppError("secret.unreadable", `The key file ${path} went away while it was made.`);
    return key;
  }

  return {
    /** Throws `secret.unreadable` where the key file is damaged. */
    seal(value: string, place: SealPlace): Buffer {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, readKey() ?? makeKey(), nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(additional(place));
      const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]);
    },

    /** The value; undefined where the key is another one or missing, the bytes were changed, or the place is not its own. */
    open(sealed: Uint8Array, place: SealPlace): string | undefined {
      if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
      const tagAt = 1 + NONCE_BYTES;
      try {
        const key = readKey();
        if (!key) return undefined;
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, tagAt), { authTagLength: TAG_BYTES });
        decipher.setAAD(additional(place));
        decipher.setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(tagAt + TAG_BYTES)), decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}

/** Unambiguous, whatever the names hold. */
function additional(place: SealPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, ...place]), "utf8");
}
