import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BlobStore } from "../blobs/blob-store.ts";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { BootStore } from "../sandboxes/boot-store.ts";
import type { HubDirectories } from "../sandboxes/hub-directory.ts";

export interface SweepDeps {
  reposDir: string;
  boots: Pick<BootStore, "list">;
  directories: Pick<HubDirectories, "removeUnknown">;
  blobs: Pick<BlobStore, "removeUnfinished">;
  clock: Clock;
  log: Log;
}

/** Nothing that is being made takes longer. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** What `mkdtemp` makes while a repository is cloned or a sample is made: see make-repository.ts. */
const CLONE_DIRECTORY = /^\.background-agents-[A-Za-z0-9]{6}$/;

/**
 * Removes what a killed server left behind and nobody will finish: half-made clones in REPOS_DIR, hub directories of
 * boots without a row, half-written blobs. Only what was left alone for a day; what cannot be removed is logged.
 */
export async function sweepLeftovers(deps: SweepDeps): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - ABANDONED_AFTER_MS);
  const sweeps: [what: string, sweep: () => Promise<number> | number][] = [
    ["clones", () => removeClones(deps.reposDir, before)],
    ["hub directories", () => deps.directories.removeUnknown(deps.boots.list(), before)],
    ["blobs", () => deps.blobs.removeUnfinished(before)],
  ];
  for (const [what, sweep] of sweeps) {
    try {
      const removed = await sweep();
      if (removed > 0) deps.log.info(`removed ${removed} unfinished ${what}`);
    } catch (error) {
      deps.log.warn({ error: messageOf(error) }, `unfinished ${what} could not be removed`);
    }
  }
}

async function removeClones(reposDir: string, before: Date): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(reposDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || !CLONE_DIRECTORY.test(entry.name)) continue;
    const path = join(reposDir, entry.name);
    const inside = await readdir(path);
    // Something else in it: it is the user's, whatever its name.
    if (inside.some((name) => name !== "repository") || (await stat(path)).mtime >= before) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
