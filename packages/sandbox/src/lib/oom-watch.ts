import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the kernel counts its kills: cgroup v2, then v1. */
const COUNTERS = ["memory.events", "memory/memory.oom_control"];

function readKills(cgroup: string): number {
  for (const name of COUNTERS) {
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(cgroup, name), "utf8"))?.[1];
      if (count !== undefined) return Number(count);
    } catch {
      // The other version of cgroups, or none.
    }
  }
  return 0;
}

/** Tells whether the kernel ended a process of this control group for want of memory since the last time of asking. */
export function createOomWatch(cgroup: string) {
  let seen = readKills(cgroup);
  return {
    hasKilled(): boolean {
      const before = seen;
      seen = readKills(cgroup);
      return seen > before;
    },
  };
}

export type OomWatch = ReturnType<typeof createOomWatch>;
