import { readdirSync, readFileSync } from "node:fs";

/** The process ids of the API server below a system's process, from the process table. */
export function findApiProcesses(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const ppid = Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1]);
        return ppid === parent && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("server.mjs");
      } catch {
        // The process ended while we looked.
        return false;
      }
    })
    .map(Number);
}
