import { join } from "node:path";
import { runStep } from "../setup/run-step.mjs";

/**
 * Runs one of `scripts/setup`, its output passed through. Throws a `failure` where it does.
 * @param {import("./context.mjs").Context} context
 * @param {string} name
 */
export function runSetupScript({ settings }, name) {
  const script = join(settings.root, "scripts", "setup", name);
  const failed = `scripts/setup/${name} failed: its reason is above.`;
  return runStep({ command: "bash", args: [script], cwd: settings.root, env: settings.env, failed });
}
