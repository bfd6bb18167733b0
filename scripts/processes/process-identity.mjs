import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * A text that tells this process from a later one with the same number, or undefined where no such process runs.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function findProcessIdentity(pid) {
  if (existsSync("/proc/self/stat")) {
    const fields = readStatFields(pid);
    return fields === undefined || fields[0] === "Z" ? undefined : `ticks:${fields[19]}`;
  }
  try {
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" ? undefined : `start:${text}`;
  } catch {
    return undefined;
  }
}

/**
 * The leader of the group that a process belongs to, or undefined where no such process runs.
 * @param {number} pid
 * @returns {number | undefined}
 */
export function findGroup(pid) {
  if (existsSync("/proc/self/stat")) return toId(readStatFields(pid)?.[2]);
  try {
    return toId(execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }));
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} text */
function toId(text) {
  const id = Number.parseInt(text ?? "", 10);
  return Number.isNaN(id) ? undefined : id;
}

/**
 * The fields of /proc/<pid>/stat from the state on (Z: ended already); the name before them may hold anything.
 * @param {number} pid
 */
function readStatFields(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/**
 * Whether any process of the group `groupId` still runs. One that ended but whose parent has not looked yet does not
 * count: under some init processes nobody ever looks.
 * @param {number} groupId
 */
export function isGroupAlive(groupId) {
  if (!signalGroup(groupId, 0)) return false;
  if (!existsSync("/proc/self/stat")) return true;
  return readdirSync("/proc").some((pid) => {
    const fields = /^\d+$/.test(pid) ? readStatFields(Number(pid)) : undefined;
    return fields !== undefined && fields[0] !== "Z" && Number(fields[2]) === groupId;
  });
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
