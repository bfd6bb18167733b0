import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * A text that tells this process from a later one with the same number, or undefined where no such process runs.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function findProcessIdentity(pid) {
  if (existsSync("/proc/self/stat")) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in brackets may hold anything; the fields after it are numbers. The state Z is dead already.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : `ticks:${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  try {
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" ? undefined : `start:${text}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether any process of the group `groupId` is left.
 * @param {number} groupId
 */
export function isGroupAlive(groupId) {
  return signalGroup(groupId, 0);
}

/**
 * Sends a signal to a whole process group; answers false where it has no process any more.
 * @param {number} groupId
 * @param {NodeJS.Signals | 0} signal
 */
export function signalGroup(groupId, signal) {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    // EPERM: on macOS, a group of which only zombies are left.
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}

/**
 * Ends a process group: asks, waits up to `graceMs`, then kills.
 * @param {number} groupId
 * @param {number} graceMs
 */
export async function endGroup(groupId, graceMs) {
  if (!signalGroup(groupId, "SIGTERM")) return;
  const deadline = Date.now() + graceMs;
  while (isGroupAlive(groupId)) {
    if (Date.now() >= deadline) signalGroup(groupId, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
