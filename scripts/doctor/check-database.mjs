import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bad, ok, warn } from "./finding.mjs";
import { loadServerSource } from "./load-sources.mjs";
import { databaseFile, readDatabase } from "./session-rows.mjs";

/** @param {import("./context.mjs").Context} context */
export async function checkDatabase({ settings: { root, dataDir } }) {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) return [ok(`${file} is made at the first start`)];
  let known;
  try {
    const source = await loadServerSource(root, "db/migrations.ts");
    known = /** @type {{ MIGRATIONS: unknown[] }} */ (source).MIGRATIONS.length;
  } catch {
    return [warn("not looked at: the npm dependencies are missing")];
  }
  try {
    const found = readDatabase(root, file, (db) => ({
      integrity: String(db.pragma("integrity_check(1)", { simple: true })),
      version: Number(db.pragma("user_version", { simple: true })),
    }));
    return [judgeDatabase({ file, known, ...found, backups: listBackups(dataDir) })];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [judgeDatabase({ file, known, integrity: reason, version: 0, backups: listBackups(dataDir) })];
  }
}

/**
 * @param {{ file: string, integrity: string, version: number, known: number, backups: string[] }} found `known`: the
 *   newest schema of this program
 */
export function judgeDatabase({ file, integrity, version, known, backups }) {
  if (integrity !== "ok") {
    const newest = backups.at(-1);
    const way = newest === undefined ? "there is no backup beside it" : `put ${newest} in its place (copy, not move)`;
    return bad(`${file} is damaged: ${integrity}`, `npm run stop, move it away with its -wal and -shm; ${way}`);
  }
  if (version > known) {
    const text = `${file} was written by a newer version (schema ${version}, this program knows ${known})`;
    return bad(text, "update the program, or set another DATA_DIR");
  }
  if (version < known) return ok(`${file} is whole; schema ${version} is brought to ${known} at the next start`);
  return ok(`${file} is whole, schema ${version}`);
}

/** @param {string} dataDir */
function listBackups(dataDir) {
  const names = readdirSync(dataDir).filter((name) => /^data\.db\.v\d+\.backup$/.test(name));
  return names.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => join(dataDir, name));
}
