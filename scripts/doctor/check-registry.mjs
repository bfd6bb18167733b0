import { ok, warn } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";

/**
 * Whether this machine reaches its npm registry, by npm itself, which knows the user's proxy and login.
 * @param {import("./context.mjs").Context} context
 */
export async function checkRegistry({ settings }) {
  const limits = ["--fetch-retries=0", "--fetch-timeout=8000"];
  const answer = await runCommand(["npm", "ping", "--json", ...limits], {
    env: settings.env,
    cwd: settings.root,
    timeoutMs: 15_000,
  });
  if (answer.code === 0) return [ok("the npm registry answers")];
  return [warn("the npm registry is not in reach: offline all works but what agents and builds download")];
}
