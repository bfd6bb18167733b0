import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMain } from "../processes/failure.mjs";
import { readSettings, ROOT } from "../processes/settings.mjs";
import { computeInstallStamp, CURRENT_RUNTIME, isInstalled, recordInstalled } from "./install-stamp.mjs";
import { runStep } from "./run-step.mjs";

/**
 * Installs the npm dependencies where the lock file, the Node ABI or the platform changed since the last time. One of
 * them is native: where no ready binary of it can be fetched it is compiled, so a compiler is installed first where
 * that is possible.
 * @param {string} root
 * @param {Record<string, string>} env
 */
export async function ensureDependencies(root, env) {
  const stamp = computeInstallStamp(root, CURRENT_RUNTIME);
  if (isInstalled(root, stamp)) return;
  await ensureCompiler(root, env);
  console.log("Installing npm dependencies (a few minutes the first time) …");
  await runStep({
    command: "npm",
    // `--include=dev`: NODE_ENV=production in the environment would leave out what builds the product.
    args: ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: root,
    env: { ...withNodeHeaders(env) },
    failed: "npm ci failed: its reason is above. Where a compile failed, install python3, make and g++ and try again.",
  });
  recordInstalled(root, stamp);
}

/** @param {string} root @param {Record<string, string>} env */
async function ensureCompiler(root, env) {
  const missing = [
    ["python3", "python3"],
    ["make", "make"],
    ["g++", "g++"],
  ].filter(([command]) => !hasCommand(String(command)));
  const canInstall = process.platform === "linux" && process.getuid?.() === 0 && hasCommand("apt-get");
  if (missing.length === 0 || !canInstall) return;
  const packages = missing.map(([, name]) => name).join(" ");
  console.log(`Installing a compiler for the native module (${packages}) …`);
  await runStep({
    command: "sh",
    args: ["-c", `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages} >/dev/null`],
    cwd: root,
    env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
    failed: `apt-get could not install ${packages}: its reason is above.`,
  });
}

/** @param {string} command */
function hasCommand(command) {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Compiling wants Node's headers. Most installations carry them; naming them saves a download from nodejs.org.
 * @param {Record<string, string>} env
 */
function withNodeHeaders(env) {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, "include", "node", "node_version.h"));
  return hasHeaders ? { npm_config_nodedir: prefix, ...env } : env;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(() => ensureDependencies(ROOT, readSettings(ROOT, process.env).env));
}
