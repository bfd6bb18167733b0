import { existsSync, mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "./failure.mjs";
import { findPortOwner, isPortTaken } from "./port-check.mjs";
import { endGroup } from "./process-identity.mjs";
import { findRunningProcesses } from "./run-record.mjs";

const NEEDED_DISK_BYTES = 2 * 2 ** 30;

/**
 * What must hold before anything is started: disk, no other run of this instance, free ports. Throws a `failure` that
 * says what is wrong. Processes that a killed run left behind are ended.
 * @param {import("./settings.mjs").Settings} settings
 */
export async function checkPreconditions(settings) {
  requireDisk(settings.dataDir);
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const { supervisor, children } = findRunningProcesses(settings.dataDir);
  if (supervisor !== undefined) {
    throw failure(
      `Background Agents already runs with ${settings.dataDir} (process ${supervisor.pid}). ` +
        "Stop it with `npm run stop`, or start a second one with its own PORT, WEB_PORT and DATA_DIR.",
    );
  }
  for (const child of children) {
    console.log(`Ending ${child.name} (process ${child.pid}), which an earlier run left behind …`);
    await endGroup(child.pid, 10_000);
  }
  await requireFreePort("PORT", settings.port);
  await requireFreePort("WEB_PORT", settings.webPort);
}

/** @param {string} dataDir */
function requireDisk(dataDir) {
  let place = dataDir;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  if (free >= NEEDED_DISK_BYTES) return;
  throw failure(
    `Only ${(free / 2 ** 30).toFixed(1)} GB are free where ${dataDir} is; at least 2 GB are needed. ` +
      "Make room, or point DATA_DIR elsewhere.",
  );
}

/** @param {string} name @param {number} port */
async function requireFreePort(name, port) {
  if (!(await isPortTaken(port))) return;
  const owner = findPortOwner(port)?.text ?? "another process (of another user, perhaps)";
  throw failure(`Port ${port} is taken by ${owner}. Stop that, or set ${name} to another number (in .env).`);
}
