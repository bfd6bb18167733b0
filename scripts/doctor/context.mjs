import { expandPath } from "../processes/env-file.mjs";
import { readSettings } from "../processes/settings.mjs";

/**
 * @typedef {object} Context what the checks look at
 * @property {import("../processes/settings.mjs").Settings} settings
 * @property {string} reposDir absolute
 */

/**
 * Throws a `failure` where PORT or WEB_PORT make no sense.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {Context}
 */
export function readContext(root, env) {
  const settings = readSettings(root, env);
  return { settings, reposDir: expandPath(settings.env["REPOS_DIR"] ?? "~/code", root) };
}
