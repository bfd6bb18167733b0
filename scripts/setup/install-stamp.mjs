import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What decides whether `node_modules` fits: the lock file, and the Node and platform that native modules were built for.
 * @param {string} root
 * @param {{ modules: string, platform: string, arch: string }} runtime
 */
export function computeInstallStamp(root, runtime) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${lock} abi${runtime.modules} ${runtime.platform}-${runtime.arch}\n`;
}

/** The Node that runs now. */
export const CURRENT_RUNTIME = { modules: process.versions.modules, platform: process.platform, arch: process.arch };

/** @param {string} root */
const stampFile = (root) => join(root, "node_modules", ".background-agents-install");

/**
 * Whether `node_modules` was installed completely from this lock file for this Node. A lock file that changed because
 * `npm install` added something is fine too: npm's own record then says the same as the new lock file.
 * @param {string} root
 * @param {string} stamp
 */
export function isInstalled(root, stamp) {
  if (!existsSync(stampFile(root))) return false;
  const recorded = readFileSync(stampFile(root), "utf8");
  if (recorded === stamp) return true;
  const runtimeOf = (/** @type {string} */ text) => text.slice(text.indexOf(" "));
  return runtimeOf(recorded) === runtimeOf(stamp) && isTreeAsLocked(root);
}

/** @param {string} root */
function isTreeAsLocked(root) {
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  const locked = Object.entries(readPackages(join(root, "package-lock.json"))).filter(([path]) => path !== "");
  return locked.every(([path, { version, optional }]) => {
    const there = installed[path];
    return there === undefined ? optional === true || !path.includes("node_modules") : there.version === version;
  });
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
function readPackages(file) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")).packages ?? {}) : {};
}

/**
 * Written last, after everything is installed: an interrupted install leaves none.
 * @param {string} root
 * @param {string} stamp
 */
export function recordInstalled(root, stamp) {
  writeFileSync(stampFile(root), stamp);
}
