import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The server's own SQLite. Throws where the dependencies are not installed or not for this Node.js.
 * @param {string} root
 * @returns {typeof import("better-sqlite3")}
 */
export function loadSqlite(root) {
  const SQLite = createRequire(join(root, "packages", "server", "package.json"))("better-sqlite3");
  new SQLite(":memory:").close();
  return SQLite;
}

/**
 * A module of the server's sources, so that there is one place that knows schema and settings. Throws where the
 * dependencies are not installed.
 * @param {string} root
 * @param {string} path below packages/server/src
 * @returns {Promise<Record<string, unknown>>}
 */
export async function loadServerSource(root, path) {
  // Not at the top: the doctor also runs before anything is installed.
  const { tsImport } = await import("tsx/esm/api");
  return tsImport(pathToFileURL(join(root, "packages", "server", "src", path)).href, import.meta.url);
}
