import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The running containers of this instance, found by its label; none where the instance never ran or no engine answers.
 * @param {import("./settings.mjs").Settings} settings
 * @returns {Promise<string[]>}
 */
export async function listSandboxContainers(settings) {
  const file = join(settings.dataDir, "instance-id");
  if (!existsSync(file)) return [];
  const label = `background-agents.instance=${readFileSync(file, "utf8").trim()}`;
  try {
    // The boot's label is on nothing but sandboxes; what else there is for one goes with it.
    const filters = [`label=${label}`, "label=background-agents.boot"].flatMap((filter) => ["--filter", filter]);
    const { stdout } = await run("docker", ["ps", "--quiet", ...filters], { env: settings.env });
    return stdout.split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/**
 * Stops containers, each with up to `graceSeconds` to save its work.
 * @param {import("./settings.mjs").Settings} settings
 * @param {string[]} containers
 * @param {number} graceSeconds
 */
export async function stopContainers(settings, containers, graceSeconds) {
  if (containers.length === 0) return;
  await run("docker", ["stop", "--time", String(graceSeconds), ...containers], { env: settings.env });
}
