import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { restoreBackup } from "./restore-backup.mjs";

const root = dirname(dirname(import.meta.dirname));
let dataDir: string;
let file: string;
let backup: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "restore-"));
  file = join(dataDir, "data.db");
  backup = `${file}.v1.backup`;
  writeFileSync(file, "damaged");
  writeFileSync(`${file}-wal`, "its log");
  writeFileSync(backup, "whole");
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const refused = () => Promise.reject(Object.assign(new Error("no hard links here"), { code: "EPERM" }));
const read = (path: string) => readFileSync(path, "utf8");

test("on a file system without hard links the damaged database is kept as a copy", async () => {
  const { run } = await restoreBackup({ root, file, backup, makeLink: refused });
  await run();
  const aside = join(dataDir, readdirSync(dataDir).find((name) => /damaged-\w+$/.test(name)) ?? "");
  expect([read(aside), read(`${aside}-wal`), read(file)]).toEqual(["damaged", "its log", "whole"]);
  expect(existsSync(`${file}-wal`)).toBe(false);
});

test("a database that cannot be kept stays with its log where it is", async () => {
  const { words, run } = await restoreBackup({ root, file, backup, makeLink: refused });
  // What it would be kept as is there already.
  mkdirSync(join(dataDir, /data\.db\.damaged-\w+/.exec(words)?.[0] ?? ""));
  await expect(run()).rejects.toThrow(/EEXIST|EISDIR/);
  expect([read(file), read(`${file}-wal`)]).toEqual(["damaged", "its log"]);
});
