import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { expect, test } from "vitest";
import { findStorageProblem } from "./storage-problem.ts";

test("a database without room is told apart from a wrong statement", () => {
  const directory = mkdtempSync(join(tmpdir(), "db-"));
  const db = new SQLite(join(directory, "data.db"));
  db.exec("CREATE TABLE t (x)");
  db.pragma("max_page_count = 3");
  const caught = (sql: string): unknown => {
    try {
      db.exec(sql);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  expect(findStorageProblem(caught("INSERT INTO t VALUES (zeroblob(100000))"))).toMatch(/full/);
  expect(findStorageProblem(caught("INSERT INTO nowhere VALUES (1)"))).toBeUndefined();
  db.close();
  rmSync(directory, { recursive: true });
});

test.each([
  ["ENOSPC", /full/],
  ["SQLITE_READONLY_DBMOVED", /writable/],
  ["SQLITE_IOERR_FSYNC", /failed/],
  ["SQLITE_CORRUPT_INDEX", /damaged/],
])("%s", (code, says) => expect(findStorageProblem(Object.assign(new Error("x"), { code }))).toMatch(says));

test.each([undefined, null, "ENOSPC", new Error("disk is full"), { code: 5 }])("not of the disk: %s", (error) =>
  expect(findStorageProblem(error)).toBeUndefined(),
);
