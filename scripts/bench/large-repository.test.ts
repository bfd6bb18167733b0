import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentOfFile, ensureLargeRepository, pathOfFile } from "./large-repository.ts";

test("the repository has as many files and commits as asked for, is made once, and is sound", async () => {
  const size = { files: 2003, commits: 11 };
  const path = await ensureLargeRepository(size);
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: path, encoding: "utf8" }).trim();
    expect(git("ls-files").split("\n")).toHaveLength(2003);
    expect(git("rev-list", "--count", "main")).toBe("11");
    expect(git("status", "--porcelain")).toBe("");
    expect(git("fsck", "--strict")).toBe("");
    expect(await readFile(join(path, pathOfFile(2002)), "utf8")).toMatch(/^export const value0 = \d+; \/\/ 0\n/);
    const head = git("rev-parse", "main");
    expect(await ensureLargeRepository(size)).toBe(path);
    expect(git("rev-parse", "main")).toBe(head);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

test("every change touches one line", () => {
  const [before, after] = [contentOfFile(7, 0).split("\n"), contentOfFile(7, 3).split("\n")];
  expect(after).toHaveLength(before.length);
  expect(after.filter((line, place) => line !== before[place])).toHaveLength(1);
});
