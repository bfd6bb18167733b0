import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "dotenv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureEnvFile, expandPath, mergeEnvironment, parseEnvText } from "./env-file.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "env-file-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("parseEnvText", () => {
  test.each([
    ["A=1", { A: "1" }],
    ["  A = 1  ", { A: "1" }],
    ["export A=1", { A: "1" }],
    ["#A=1\n# words\n\nB=2", { B: "2" }],
    ["A=a # comment", { A: "a" }],
    [`A="a # b"`, { A: "a # b" }],
    ["A='it\\n'", { A: "it\\n" }],
    [`A="two\\nlines"`, { A: "two\nlines" }],
    [`A="two\nlines"\nB=1`, { A: "two\nlines", B: "1" }],
    ["A=\nB=2", { A: "", B: "2" }],
    ["A=x=y==", { A: "x=y==" }],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["A=1\nA=2", { A: "2" }],
    ["no assignment", {}],
  ])("%j", (text, expected) => {
    expect(parseEnvText(text)).toEqual(expected);
    // The server reads the same file with dotenv: both must see the same.
    expect(parseEnvText(text)).toEqual({ ...parse(text) });
  });

  test("reads the example file as dotenv does", () => {
    const text = readFileSync(join(import.meta.dirname, "../../.env.example"), "utf8");
    expect(parseEnvText(text)).toEqual({ ...parse(text) });
    expect(parseEnvText(text)).toMatchObject({ PORT: "8787", WEB_PORT: "3000" });
  });
});

test("the environment wins over the file, but an empty variable does not", () => {
  writeFileSync(join(root, ".env"), "PORT=1\nWEB_PORT=2\nDATA_DIR=\nREPOS_DIR=~/x");
  expect(mergeEnvironment(root, { PORT: "9", WEB_PORT: "" })).toEqual({ PORT: "9", WEB_PORT: "2", REPOS_DIR: "~/x" });
});

test("makes .env once and never overwrites it", () => {
  writeFileSync(join(root, ".env.example"), "PORT=1");
  expect(ensureEnvFile(root)).toBe(true);
  writeFileSync(join(root, ".env"), "PORT=2");
  expect(ensureEnvFile(root)).toBe(false);
  expect(readFileSync(join(root, ".env"), "utf8")).toBe("PORT=2");
});

test.each([
  ["~", homedir()],
  ["~/code", join(homedir(), "code")],
  ["./data", "/base/data"],
  ["/abs", "/abs"],
])("expands %s", (path, expected) => {
  expect(expandPath(path, "/base")).toBe(expected);
});
