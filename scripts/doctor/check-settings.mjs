import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { parseEnvText } from "../processes/env-file.mjs";
import { bad, ok, warn } from "./finding.mjs";
import { loadServerSource } from "./load-sources.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */

const KEYS = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"];

/**
 * Settings as the server reads them, and which keys are there. No value is ever printed.
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<Finding[]>}
 */
export async function checkSettings({ settings }) {
  return [await judgeConfig(settings), judgeKeys(settings.env), ...judgeEnvFile(join(settings.root, ".env"))];
}

/** @param {import("../processes/settings.mjs").Settings} settings */
async function judgeConfig({ root, env }) {
  /** @type {(env: Record<string, string>, startDir: string) => unknown} */
  let readConfig;
  try {
    ({ readConfig } = /** @type {{ readConfig: typeof readConfig }} */ (await loadServerSource(root, "config.ts")));
  } catch {
    return warn("The settings were not looked at: the npm dependencies are missing");
  }
  try {
    readConfig(env, root);
    return ok("settings make sense");
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error), "mend that in .env or in the environment");
  }
}

/** @param {Record<string, string>} env */
export function judgeKeys(env) {
  const set = KEYS.filter((name) => (env[name] ?? "").trim() !== "");
  if (set.length === 0) {
    return warn("no API key: only the scripted model demo is offered", `put ${KEYS.join(" or ")} into .env`);
  }
  const unset = KEYS.filter((name) => !set.includes(name));
  return ok(`set: ${set.join(", ")}${unset.length === 0 ? "" : `; not set: ${unset.join(", ")}`}`);
}

/**
 * Only a file with a key in it is a secret.
 * @param {string} file
 * @returns {Finding[]}
 */
function judgeEnvFile(file) {
  if (!existsSync(file)) return [];
  const mode = statSync(file).mode & 0o777;
  const values = parseEnvText(readFileSync(file, "utf8"));
  const holdsKey = KEYS.some((name) => (values[name] ?? "") !== "");
  if (!holdsKey || (mode & 0o077) === 0) return [];
  return [
    warn(`${file} holds a key and other users of this machine can read it`, `chmod 600 ${file}`, {
      words: `chmod 600 ${file}`,
      run: () => chmod(file, 0o600),
    }),
  ];
}
