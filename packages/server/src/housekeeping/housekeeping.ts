import { messageOf } from "../lib/app-error.ts";
import type { SandboxProvider } from "../sandboxes/sandbox-provider.ts";
import type { DiskQuota } from "./disk-quota.ts";
import { purgeDeleted, type PurgeDeps } from "./purge.ts";
import { sweepLeftovers, type SweepDeps } from "./sweep-leftovers.ts";

const EVERY_MS = 60 * 60 * 1000;

/** An image with a repository's packages that no session asked for in so long is built again when one does. */
const KEEP_IMAGES_MS = 30 * 24 * 60 * 60 * 1000;

export interface HousekeepingDeps extends PurgeDeps, SweepDeps {
  provider: PurgeDeps["provider"] & Pick<SandboxProvider, "removeUnusedImages">;
  blobs: PurgeDeps["blobs"] & SweepDeps["blobs"];
  quota: Pick<DiskQuota, "start" | "stop">;
}

/**
 * Clears away what is no longer needed: at the start, then every hour, one run at a time. And watches what sandboxes
 * write to disk.
 */
export function createHousekeeping(deps: HousekeepingDeps) {
  let current: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function clear(): Promise<void> {
    try {
      const purged = await purgeDeleted(deps);
      if (purged > 0) deps.log.info(`purged ${purged} deleted sessions`);
      await sweepLeftovers(deps);
      await deps.provider.removeUnusedImages(new Date(deps.clock.now().getTime() - KEEP_IMAGES_MS));
    } catch (error) {
      deps.log.warn({ error: messageOf(error) }, "housekeeping failed; the next try is in 1 h");
    }
  }

  function run(): void {
    current ??= clear().finally(() => {
      current = undefined;
    });
  }

  return {
    start(): void {
      run();
      timer = setInterval(run, EVERY_MS);
      deps.quota.start();
    },

    /** Waits for the run under way; none begins after it. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await deps.quota.stop();
      await current;
    },
  };
}
