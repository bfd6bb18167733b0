import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ok, warn } from "./finding.mjs";
import { loadSqlite } from "./load-sources.mjs";
import { MINIMUM_VERSIONS } from "./minimum-versions.mjs";
import { runCommand } from "./run-command.mjs";
import { isAtLeast } from "./versions.mjs";

/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./minimum-versions.mjs").Minimum} Minimum */

/**
 * Warns of parts that are older than the table of minimum versions says; what is not there is other checks' affair.
 * @param {Context} context
 */
export async function checkVersions(context) {
  const found = await readVersions(context);
  const old = MINIMUM_VERSIONS.flatMap((minimum) => judgeVersion(minimum, found.get(minimum.name)) ?? []);
  if (old.length > 0) return old;
  return [ok(`${found.size} parts are as new as they have to be`)];
}

/**
 * @param {Minimum} minimum
 * @param {string | undefined} version
 * @returns {import("./finding.mjs").Finding | undefined}
 */
export function judgeVersion({ name, fixed, lineParts, why, advice }, version) {
  if (version === undefined) return undefined;
  const lineOf = (/** @type {string} */ text) => /\d+(\.\d+)+/.exec(text)?.[0].split(".").slice(0, lineParts).join(".");
  const newest = fixed.at(-1) ?? "0.0";
  const wanted = fixed.find((one) => lineOf(one) === lineOf(version)) ?? newest;
  if (isAtLeast(version, wanted) !== false) return undefined;
  return warn(`${name} ${version} is older than ${wanted}: ${why}`, advice ?? "install a newer one");
}

/**
 * What is there, by the names of the table.
 * @param {Context} context
 * @returns {Promise<Map<string, string>>}
 */
export async function readVersions({ settings }) {
  const { root, env, sandboxImage } = settings;
  const ask = (/** @type {[string, ...string[]]} */ command) => runCommand(command, { env });
  const [git, gh, engine, image] = await Promise.all([
    ask(["git", "--version"]),
    ask(["gh", "--version"]),
    ask(["docker", "version", "--format", "{{json .Server}}"]),
    ask(["docker", "image", "inspect", "--format", "{{json .Config.Env}}", sandboxImage]),
  ]);
  /** @type {[string, string | undefined][]} */
  const found = [
    ["Node.js", process.versions.node],
    ["git", numberIn(git)],
    ["GitHub CLI", numberIn(gh)],
    ...readEngine(engine.stdout),
    ["OpenCode", /BACKGROUND_AGENTS_OPENCODE_VERSION=([\d.]+)/.exec(image.stdout)?.[1]],
    ["SQLite", readSqlite(root)],
    ["next", readPackage(root, "web", "next")],
    ["react", readPackage(root, "web", "react")],
    ["fastify", readPackage(root, "server", "fastify")],
    ["undici", readPackage(root, "server", "undici")],
    ["ws", readPackage(root, "server", "ws")],
  ];
  return new Map(found.flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])));
}

/** @param {import("./run-command.mjs").Answer} answer */
function numberIn(answer) {
  return answer.code === 0 ? /\d+(\.\d+)+/.exec(answer.stdout)?.[0] : undefined;
}

/**
 * @param {string} json as `docker version` prints it
 * @returns {[string, string | undefined][]}
 */
export function readEngine(json) {
  try {
    /** @type {{ Version?: string, Components?: { Name: string, Version: string }[] } | null} */
    const server = JSON.parse(json);
    const component = (/** @type {string} */ name) => server?.Components?.find(({ Name }) => Name === name)?.Version;
    return [
      ["Docker engine", server?.Version],
      ["containerd", component("containerd")],
      ["runc", component("runc")],
    ];
  } catch {
    return [];
  }
}

/** @param {string} root */
function readSqlite(root) {
  try {
    const SQLite = loadSqlite(root);
    const db = new SQLite(":memory:");
    const version = db.prepare("SELECT sqlite_version()").pluck().get();
    db.close();
    return String(version);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {string} owner the package of ours that uses it
 * @param {string} name
 */
function readPackage(root, owner, name) {
  const paths = createRequire(join(root, "packages", owner, "package.json")).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return String(JSON.parse(readFileSync(join(path, name, "package.json"), "utf8")).version);
    } catch {
      // Not here: perhaps further up.
    }
  }
  return undefined;
}
