import { existsSync, renameSync, rmSync } from "node:fs";
import SQLite from "better-sqlite3";
import { AppError } from "../lib/app-error.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import { MIGRATIONS } from "./migrations.ts";

export type Database = SQLite.Database;

/** Versions before this could corrupt a database on WAL reset. */
const MINIMUM_SQLITE = [3, 51, 3] as const;

/**
 * Opens (or makes) the database at `path`, WAL with `synchronous=FULL`, and brings its schema up to date; a database
 * that holds data is copied to `<path>.v<old version>.backup` first.
 * Throws `storage.failed` where the file is damaged or from a newer version of the program.
 */
export function openDatabase(path: string, failpoint?: Failpoint): Database {
  const existed = path !== ":memory:" && existsSync(path);
  const db = new SQLite(path, { timeout: 5000 });
  try {
    requireSqliteVersion(db);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    if (existed) requireIntegrity(db, path);
    migrate(db, path, failpoint);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof AppError) throw error;
    throw new AppError("storage.failed", `The database ${path} cannot be used: ${String(error)}`, { cause: error });
  }
}

function requireSqliteVersion(db: Database): void {
  const version = db.prepare("SELECT sqlite_version()").pluck().get() as string;
  const numbers = version.split(".").map(Number);
  for (const [place, minimum] of MINIMUM_SQLITE.entries()) {
    const number = numbers[place] ?? 0;
    if (number > minimum) return;
    if (number < minimum) {
      throw new AppError(
        "storage.failed",
        `SQLite ${version} is older than ${MINIMUM_SQLITE.join(".")}: run npm install again.`,
      );
    }
  }
}

function requireIntegrity(db: Database, path: string): void {
  const answer = db.pragma("quick_check(1)", { simple: true });
  if (answer !== "ok") {
    throw new AppError(
      "storage.failed",
      `The database ${path} is damaged (${String(answer)}). npm run doctor says what can be mended, and what a backup beside it would bring back.`,
    );
  }
}

function migrate(db: Database, path: string, failpoint: Failpoint | undefined): void {
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > MIGRATIONS.length) {
    throw new AppError(
      "storage.failed",
      `The database ${path} was written by a newer version (schema ${version}, this program knows ${MIGRATIONS.length}). Update the program, or point DATA_DIR elsewhere.`,
    );
  }
  if (version === MIGRATIONS.length) return;
  if (version > 0) backUp(db, `${path}.v${version}.backup`);
  db.transaction(() => {
    for (const sql of MIGRATIONS.slice(version)) db.exec(sql);
    failpoint?.("migration");
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}

/** A crash may leave half a copy: the backup has its name only once it is whole. */
function backUp(db: Database, target: string): void {
  const copy = `${target}.part`;
  rmSync(copy, { force: true });
  db.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
  renameSync(copy, target);
}
