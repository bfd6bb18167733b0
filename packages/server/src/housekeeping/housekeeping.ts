import { messageOf } from "../lib/app-error.ts";
import { purgeDeleted, type PurgeDeps } from "./purge.ts";
import { sweepLeftovers, type SweepDeps } from "./sweep-leftovers.ts";

const EVERY_MS = 60 * 60 * 1000;

/** Clears away what is no longer needed: at the start, then every hour, one run at a time. */
export function createHousekeeping(deps: PurgeDeps & SweepDeps) {
  let current: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function clear(): Promise<void> {
    try {
      const purged = await purgeDeleted(deps);
      if (purged > 0) deps.log.info(`purged ${purged} deleted sessions`);
      await sweepLeftovers(deps);
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
    },

    /** Waits for the run under way; none begins after it. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await current;
    },
  };
}
