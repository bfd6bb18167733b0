import { accessSync, constants, existsSync, statSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { bad, ok, warn } from "./finding.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */

/** Whoever reads the token may do everything that the page may; with the key the database tells all secrets. */
const SECRET_FILES = ["api-token", "instance-id", "secret.key"];

/**
 * DATA_DIR and what is secret in it: for this user, and for nobody else.
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<Finding[]>}
 */
export async function checkPermissions({ settings: { dataDir } }) {
  if (!existsSync(dataDir)) return [ok(`${dataDir} is made at the first start`)];
  const { uid } = statSync(dataDir);
  const us = process.getuid?.();
  if (!may(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)) {
    const whose = us !== undefined && uid !== us ? ` (it belongs to user ${uid})` : "";
    return [bad(`${dataDir} cannot be written${whose}`, `sudo chown -R "$USER" ${dataDir}`)];
  }
  const secrets = SECRET_FILES.map((name) => join(dataDir, name)).filter((path) => existsSync(path));
  return [judgeMode(dataDir, 0o700), ...secrets.map((path) => judgeMode(path, 0o600))];
}

/** @param {string} path @param {number} wanted @returns {Finding} */
function judgeMode(path, wanted) {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0 && (mode & wanted) === wanted) return ok(`${path} is for you alone (${format(mode)})`);
  const command = `chmod ${format(wanted)} ${path}`;
  return bad(`${path} has mode ${format(mode)}: it should be ${format(wanted)}`, command, {
    words: command,
    run: () => chmod(path, wanted),
  });
}

/** @param {number} mode */
const format = (mode) => mode.toString(8).padStart(4, "0");

/**
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<Finding[]>}
 */
export async function checkRepositories({ reposDir }) {
  if (!existsSync(reposDir)) return [warn(`REPOS_DIR ${reposDir} is not there: the server makes it, empty`)];
  if (!statSync(reposDir).isDirectory()) return [bad(`REPOS_DIR ${reposDir} is no directory`, "set another REPOS_DIR")];
  if (!may(reposDir, constants.R_OK | constants.X_OK)) {
    return [bad(`REPOS_DIR ${reposDir} cannot be read`, `give yourself the right, or set another REPOS_DIR`)];
  }
  if (may(reposDir, constants.W_OK)) return [ok(`REPOS_DIR ${reposDir} is readable`)];
  return [warn(`REPOS_DIR ${reposDir} is readable, but nothing can be cloned into it`)];
}

/** @param {string} path @param {number} mode */
function may(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
