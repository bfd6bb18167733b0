import { join } from "node:path";
import { runStep } from "../setup/run-step.mjs";

/**
 * Makes sure that a Docker engine answers and that the sandbox image is there and current.
 * @param {import("./settings.mjs").Settings} settings
 */
export async function ensureSandboxing(settings) {
  await runScript(settings, "ensure-engine.sh", "There is no Docker engine to run sandboxes in: see above.");
  await runScript(settings, "ensure-image.sh", "There is no sandbox image: see above.");
}

/** @param {import("./settings.mjs").Settings} settings @param {string} name @param {string} failed */
async function runScript(settings, name, failed) {
  const script = join(settings.root, "scripts", "setup", name);
  await runStep({ command: "bash", args: [script], cwd: settings.root, env: settings.env, failed });
}
