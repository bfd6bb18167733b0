import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/**
 * Reads the text of a `.env` file: `NAME=value` lines, optional `export`, comments, single, double and back quotes.
 * Follows the `dotenv` package, which the server reads the same file with; this one runs before `npm install`.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseEnvText(text) {
  /** @type {Record<string, string>} */
  const values = {};
  const line =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)[ \t]*(?:#.*)?$/gm;
  for (const [, name, raw] of text.replaceAll("\r\n", "\n").matchAll(line)) {
    if (name === undefined || raw === undefined) continue;
    const trimmed = raw.trim();
    const quoted = /^(['"`])([\s\S]*)\1$/.exec(trimmed);
    const inner = quoted?.[2] ?? trimmed;
    values[name] = quoted?.[1] === '"' ? inner.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : inner;
  }
  return values;
}

/**
 * Makes `.env` from `.env.example` where it is missing. Answers whether it did.
 * @param {string} root
 */
export function ensureEnvFile(root) {
  const file = join(root, ".env");
  const example = join(root, ".env.example");
  if (existsSync(file) || !existsSync(example)) return false;
  copyFileSync(example, file);
  return true;
}

/**
 * The environment with the lines of `<root>/.env` under it: what is set (and not empty) in `env` wins.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
export function mergeEnvironment(root, env) {
  const file = join(root, ".env");
  const merged = existsSync(file) ? parseEnvText(readFileSync(file, "utf8")) : {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== "") merged[name] = value;
  }
  for (const [name, value] of Object.entries(merged)) {
    if (value === "") delete merged[name];
  }
  return merged;
}

/**
 * An absolute path: `~` is the home directory, what is relative is relative to `root`.
 * @param {string} path
 * @param {string} root
 */
export function expandPath(path, root) {
  if (path === "~") return homedir();
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(root, path);
}
