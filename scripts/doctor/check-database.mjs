import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bad, ok, warn } from "./finding.mjs";
import { loadServerSource } from "./load-sources.mjs";
import { restoreBackup } from "./restore-backup.mjs";
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
  const backups = listBackups(dataDir);
  const { isDamaged, ...found } = look(root, file);
  if (!isDamaged) return [judgeDatabase({ file, known, ...found, backups })];
  // One that is damaged itself, or that this program cannot read, helps nobody.
  const whole = backups.filter((backup) => {
    const { integrity, version } = look(root, backup);
    return integrity === "ok" && version > 0 && version <= known;
  });
  const newest = whole.at(-1);
  const repair = newest === undefined ? undefined : await restoreBackup({ root, file, backup: newest });
  return [judgeDatabase({ file, known, ...found, backups: whole, repair })];
}

/**
 * `isDamaged`: not merely one that cannot be opened now, for want of a right or of room.
 * @param {string} root
 * @param {string} file
 */
function look(root, file) {
  try {
    const found = readDatabase(root, file, (db) => ({
      integrity: String(db.pragma("integrity_check(1)", { simple: true })),
      version: Number(db.pragma("user_version", { simple: true })),
    }));
    return { ...found, isDamaged: found.integrity !== "ok" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const integrity = error instanceof Error ? error.message : String(error);
    return { integrity, version: 0, isDamaged: /^SQLITE_(CORRUPT|NOTADB)/.test(code) };
  }
}

/**
 * @param {{ file: string, integrity: string, version: number, known: number, backups: string[],
 *   repair?: import("./finding.mjs").Repair | undefined }} found `known`: the newest schema of this program
 */
export function judgeDatabase({ file, integrity, version, known, backups, repair }) {
  if (integrity !== "ok") {
    const newest = backups.at(-1);
    const way = newest === undefined ? "there is no backup beside it" : `put ${newest} in its place (copy, not move)`;
    return bad(`${file} is damaged: ${integrity}`, `npm run stop, move it away with its -wal and -shm; ${way}`, repair);
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
