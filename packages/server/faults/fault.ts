import type { FaultWorld } from "./fault-world.ts";

/** One line of the table: what goes wrong, in a world of its own with the server running. */
export interface Fault {
  name: string;
  /** Part of the quick subset. */
  quick: boolean;
  /** Prompts may end as failed here; elsewhere a failed prompt is a violation. */
  mayFail?: boolean;
  /** The data directory is a file system of its own, of this size (as `mount` writes it). */
  dataDirSize?: string;
  /** Why it cannot be run on this machine; undefined where it can. */
  obstacle?: () => string | undefined;
  run(world: FaultWorld): Promise<void>;
}
