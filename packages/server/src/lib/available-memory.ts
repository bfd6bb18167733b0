import { readFileSync } from "node:fs";

/** Memory that programs could still get, in bytes (`MemAvailable`); undefined on systems that do not say. */
export function readAvailableMemory(): number | undefined {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
