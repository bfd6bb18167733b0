import { readFileSync } from "node:fs";

/** Linux counts in ticks of 10 ms. */
const TICK_MS = 10;

/**
 * Processor time, in ms, that this process and the ended ones it started have taken so far: unlike the clock it hardly
 * depends on what else the machine does. NaN where the system does not tell (other than Linux).
 */
export function readProcessorMs(): number {
  try {
    // After the name in brackets, which may hold anything: utime, stime, cutime and cstime are fields 14 to 17.
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  } catch {
    return Number.NaN;
  }
}
