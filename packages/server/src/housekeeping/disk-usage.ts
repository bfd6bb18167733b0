import { readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";
import type { DiskAnswer } from "@background-agents/shared/protocol/commands";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { measureDirectory } from "../lib/directory-size.ts";
import type { Log } from "../lib/logger.ts";
import type { SandboxProvider } from "../sandboxes/sandbox-provider.ts";
import type { SessionStore } from "../sessions/session-store.ts";

/** With less than this free no sandbox is started: a full disk would stop the ones that work. */
export const NEEDED_FREE_BYTES = 2 * 2 ** 30;

/** Measuring walks directories and makes the engine walk its volumes. */
const FRESH_MS = 30_000;

export interface DiskUsageDeps {
  dataDir: string;
  store: Pick<SessionStore, "listUnpurged">;
  provider: Pick<SandboxProvider, "volumeBytes">;
  /** Bytes this user may still write on the disk of a directory. */
  readFreeBytes: (directory: string) => Promise<number>;
  clock: Clock;
  log: Log;
}

export type DiskUsage = ReturnType<typeof createDiskUsage>;

/** What sessions, mirrors and the database take on the disk, and whether there is room for another sandbox. */
export function createDiskUsage(deps: DiskUsageDeps) {
  const { dataDir, clock } = deps;
  let last: { at: number; answer: Promise<DiskAnswer> } | undefined;

  async function measure(): Promise<DiskAnswer> {
    const volumes = await readVolumes();
    const sessions: DiskAnswer["sessions"] = [];
    for (const sessionId of deps.store.listUnpurged()) {
      sessions.push({
        sessionId,
        workspaceBytes: volumes === undefined ? null : (volumes.get(sessionId) ?? 0),
        checkpointBytes: await measureDirectory(join(dataDir, "quarantine", sessionId)),
      });
    }
    return {
      sessions,
      mirrorsBytes: await measureDirectory(join(dataDir, "mirrors")),
      databaseBytes: await measureDatabase(dataDir),
      blobsBytes: await measureDirectory(join(dataDir, "blobs")),
      freeBytes: await deps.readFreeBytes(dataDir),
    };
  }

  async function readVolumes(): Promise<Map<SessionId, number> | undefined> {
    try {
      return await deps.provider.volumeBytes?.();
    } catch (error) {
      deps.log.debug({ error: messageOf(error) }, "the engine does not tell how large its volumes are");
      return undefined;
    }
  }

  return {
    /** As of the last 30 s. */
    read(): Promise<DiskAnswer> {
      const now = clock.now().getTime();
      if (last !== undefined && now - last.at < FRESH_MS) return last.answer;
      const answer = measure();
      last = { at: now, answer };
      answer.catch(() => {
        if (last?.answer === answer) last = undefined;
      });
      return answer;
    },

    /** Throws `storage.failed` where less than 2 GiB are free for the data directory. */
    async requireSpace(): Promise<void> {
      const free = await deps.readFreeBytes(dataDir);
      if (free >= NEEDED_FREE_BYTES) return;
      throw new AppError(
        "storage.failed",
        `Only ${(free / 2 ** 30).toFixed(1)} GiB are free where ${dataDir} is, and a sandbox needs ` +
          `${NEEDED_FREE_BYTES / 2 ** 30}: delete files there, delete sessions you no longer need, or remove Docker images ` +
          "and volumes that nothing uses. Then send the prompt again.",
        { details: { freeBytes: free, neededBytes: NEEDED_FREE_BYTES } },
      );
    },
  };
}

export async function readFreeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** The database with its log and its backups. */
async function measureDatabase(dataDir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dataDir)) {
    if (name.startsWith("data.db")) bytes += await measureDirectory(join(dataDir, name));
  }
  return bytes;
}
