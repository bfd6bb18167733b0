import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The running containers of this instance, found by its label; none where the instance never ran or no engine answers.
 * @param {import("./settings.mjs").Settings} settings
 */
export function listSandboxContainers(settings) {
  // The boot's label is on nothing but sandboxes; what else there is for one goes with it.
  return listLabelled(settings, { command: ["ps"], label: "background-agents.boot" });
}

/**
 * Removes what linked sandboxes with the server where a socket cannot: a relay, which nothing else ends, and a network
 * for each boot. Only after the sandboxes, which say through it what they did. A network that something is still on
 * stays; the server's next start removes it.
 * @param {import("./settings.mjs").Settings} settings
 */
export async function removeRelays(settings) {
  const label = "background-agents.relay";
  for (const { list, remove } of [
    { list: ["ps", "--all"], remove: ["rm", "--force"] },
    { list: ["network", "ls"], remove: ["network", "rm"] },
  ]) {
    for (const id of await listLabelled(settings, { command: list, label })) {
      try {
        await run("docker", [...remove, id], { env: settings.env });
      } catch (error) {
        console.error(`${remove.join(" ")} ${id} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

/**
 * Ids of what carries this instance's label and one more.
 * @param {import("./settings.mjs").Settings} settings
 * @param {{ command: string[], label: string }} what `command`: arguments of `docker`
 * @returns {Promise<string[]>}
 */
async function listLabelled(settings, { command, label }) {
  const file = join(settings.dataDir, "instance-id");
  if (!existsSync(file)) return [];
  const instance = `background-agents.instance=${readFileSync(file, "utf8").trim()}`;
  const filters = ["--filter", `label=${instance}`, "--filter", `label=${label}`];
  try {
    const { stdout } = await run("docker", [...command, "--quiet", ...filters], { env: settings.env });
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
