import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireDataLock } from "./data-lock.ts";
import { openDatabase } from "./database.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "db-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a new database is WAL, fully synchronous, at the newest schema, and opens again", () => {
  const path = join(directory, "data.db");
  const db = openDatabase(path);
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(db.pragma("synchronous", { simple: true })).toBe(2);
  const version = db.pragma("user_version", { simple: true });
  db.close();
  const again = openDatabase(path);
  expect(again.pragma("user_version", { simple: true })).toBe(version);
  again.close();
});

test("a newer schema is refused and left as it is", () => {
  const path = join(directory, "data.db");
  openDatabase(path).close();
  const raw = new SQLite(path);
  raw.pragma("user_version = 999");
  raw.close();
  expect(() => openDatabase(path)).toThrow(/newer version/);
  expect(readdirSync(directory).some((name) => name.includes("backup"))).toBe(false);
});

test("a damaged database is refused with what to do", () => {
  const path = join(directory, "data.db");
  writeFileSync(path, "this is no database, only text that is long enough to be read as one".repeat(100));
  expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "storage.failed" }));
});

test("one server a data directory: the second is refused until the first lets go", () => {
  const release = acquireDataLock(directory);
  expect(() => acquireDataLock(directory)).toThrow(/Another server uses/);
  release();
  acquireDataLock(directory)();
});
