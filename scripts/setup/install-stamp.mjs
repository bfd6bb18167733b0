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
 * Whether `node_modules` was installed completely from this lock file for this Node.
 * @param {string} root
 * @param {string} stamp
 */
export function isInstalled(root, stamp) {
  return existsSync(stampFile(root)) && readFileSync(stampFile(root), "utf8") === stamp;
}

/**
 * Written last, after everything is installed: an interrupted install leaves none.
 * @param {string} root
 * @param {string} stamp
 */
export function recordInstalled(root, stamp) {
  writeFileSync(stampFile(root), stamp);
}
