import { existsSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../processes/failure.mjs";
import { findRunningProcesses } from "../processes/run-record.mjs";
import { ensureDependencies } from "../setup/ensure-dependencies.mjs";
import { computeInstallStamp, CURRENT_RUNTIME, isInstalled } from "../setup/install-stamp.mjs";
import { bad, ok } from "./finding.mjs";
import { loadSqlite } from "./load-sources.mjs";

/** @param {import("./context.mjs").Context} context */
export async function checkDependencies({ settings }) {
  const { root, dataDir, env } = settings;
  const repair = {
    words: "install the npm dependencies",
    async run() {
      // npm ci removes node_modules first, and the running server loads from there.
      if (findRunningProcesses(dataDir).supervisor !== undefined) throw failure("stop it first: npm run stop");
      await ensureDependencies(root, env);
    },
  };
  const advice = "./scripts/dev.sh installs them";
  if (!existsSync(join(root, "node_modules"))) return [bad("The npm dependencies are not installed", advice, repair)];
  if (!isInstalled(root, computeInstallStamp(root, CURRENT_RUNTIME))) {
    return [bad("The npm dependencies are not those of package-lock.json and this Node.js", advice, repair)];
  }
  try {
    loadSqlite(root);
    return [ok("npm dependencies are as in package-lock.json")];
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return [
      bad(`The native module better-sqlite3 does not load: ${reason}`, "rm -rf node_modules && ./scripts/dev.sh"),
    ];
  }
}
