import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadSqlite } from "./load-sources.mjs";

/**
 * @typedef {{ live: Set<string>, purged: Set<string> }} SessionRows ids of sessions
 */

/** @param {string} dataDir */
export const databaseFile = (dataDir) => join(dataDir, "data.db");

/**
 * Opens the database for reading only, beside a server that may be running. Throws where that is impossible.
 * @template T
 * @param {string} root
 * @param {string} file
 * @param {(db: import("better-sqlite3").Database) => T} read
 * @returns {T}
 */
export function readDatabase(root, file, read) {
  const SQLite = loadSqlite(root);
  const db = new SQLite(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/**
 * The sessions that have a row; undefined where the database cannot tell, which is not the same as none.
 * @param {import("../processes/settings.mjs").Settings} settings
 * @returns {SessionRows | undefined}
 */
export function findSessionRows({ root, dataDir }) {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) return undefined;
  try {
    return readDatabase(root, file, (db) => {
      const hasPurge = db.prepare("SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'purged_at'").get();
      const rows = /** @type {{ id: string, purged: number }[]} */ (
        db.prepare(`SELECT id, ${hasPurge ? "purged_at IS NOT NULL" : "0"} AS purged FROM sessions`).all()
      );
      const ids = (/** @type {number} */ purged) =>
        new Set(rows.filter((row) => row.purged === purged).map(({ id }) => id));
      return { live: ids(0), purged: ids(1) };
    });
  } catch {
    return undefined;
  }
}
