import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { bad, ok, warn } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";

const GIB = 2 ** 30;
/** Below this the server starts no sandbox. */
const NEEDED_BYTES = 2 * GIB;
const COMFORTABLE_BYTES = 5 * GIB;

/** @param {import("./context.mjs").Context} context */
export async function checkDisk({ settings }) {
  const places = [{ name: "DATA_DIR", path: settings.dataDir }];
  const answer = await runCommand(["docker", "info", "--format", "{{.DockerRootDir}}"], { env: settings.env });
  const engineRoot = answer.stdout.trim();
  // In a virtual machine (Docker Desktop) it is no path of ours.
  if (answer.code === 0 && existsSync(engineRoot)) places.push({ name: "the engine's data", path: engineRoot });
  return places.map(({ name, path }) => judgeSpace(`${name} (${path})`, readFreeBytes(path)));
}

/** @param {string} place @param {number} freeBytes */
export function judgeSpace(place, freeBytes) {
  const text = `${(freeBytes / GIB).toFixed(1)} GiB free for ${place}`;
  const advice = "make room: delete sessions you no longer need, or Docker images that nothing uses";
  if (freeBytes < NEEDED_BYTES) return bad(`${text}: no sandbox is started below 2 GiB`, advice);
  return freeBytes < COMFORTABLE_BYTES ? warn(`${text}, which is little`, advice) : ok(text);
}

/** @param {string} path which need not be there yet */
function readFreeBytes(path) {
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}
