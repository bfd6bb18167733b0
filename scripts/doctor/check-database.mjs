import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bad, ok, warn } from "./finding.mjs";
import { loadServerSource } from "./load-sources.mjs";
import { rebuildIndexes } from "./rebuild-indexes.mjs";
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
  const { isDamaged, isOutOfOrder, ...found } = look(root, file);
  if (isOutOfOrder) return [judgeOrder({ root, file, integrity: found.integrity })];
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

/** What SQLite says of an index that does not agree with its table, which has everything. */
const OF_AN_INDEX =
  /^(?:wrong # of entries in index|(?:row \d+ (?:missing from|values differ from)|non-unique entry in) index) /;

/**
 * What SQLite finds wrong, at most a hundred things.
 * @param {import("better-sqlite3").Database} db
 * @param {"integrity_check" | "quick_check"} check the quick one is what the server insists on before it starts
 */
function checkWith(db, check) {
  const rows = /** @type {Record<string, unknown>[]} */ (db.pragma(check));
  return rows.map((row) => String(row[check])).filter((one) => one !== "ok");
}

/**
 * `isDamaged`: not merely one that cannot be opened now, for want of a right or of room. `isOutOfOrder`: all tables can
 * be read, but something does not agree with them.
 * @param {string} root
 * @param {string} file
 */
function look(root, file) {
  try {
    return readDatabase(root, file, (db) => {
      const version = Number(db.pragma("user_version", { simple: true }));
      const findings = checkWith(db, "integrity_check");
      const integrity = findings[0] ?? "ok";
      const isReadable = checkWith(db, "quick_check").length === 0 || findings.every((one) => OF_AN_INDEX.test(one));
      return { integrity, version, isDamaged: !isReadable, isOutOfOrder: isReadable && integrity !== "ok" };
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const integrity = error instanceof Error ? error.message : String(error);
    return { integrity, version: 0, isDamaged: /^SQLITE_(CORRUPT|NOTADB)/.test(code), isOutOfOrder: false };
  }
}

/** @param {{ root: string, file: string, integrity: string }} found */
function judgeOrder({ root, file, integrity }) {
  return bad(
    `${file} can be read, but does not agree with itself: ${integrity}`,
    "npm run stop, then have SQLite make its indexes anew (REINDEX), by which nothing is lost",
    rebuildIndexes({ root, file }),
  );
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
