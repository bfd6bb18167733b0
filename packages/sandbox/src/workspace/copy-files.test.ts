import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyFiles, isSafePath } from "./copy-files.ts";

let root: string;
let tree: string;
const git = (...args: string[]) => execFileSync("git", ["-C", tree, ...args], { encoding: "utf8" });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "copy-"));
  tree = join(root, "tree");
  mkdirSync(tree);
  git("init", "--quiet");
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (path: string, content = "secret\n", executable = false) => ({
  path,
  executable,
  content: Buffer.from(content),
});
const modeOf = (path: string) => (statSync(join(tree, path)).mode & 0o777).toString(8);

it("writes for the owner alone, keeps the executable bit, and git sees none of them", async () => {
  const odd = ["config/#odd [name]!.env", "config/a*b", "config/two\nlines", "config/end "];
  const copied = await copyFiles(tree, [
    file(".env"),
    file("bin/run", "#!/bin/sh\n", true),
    ...odd.map((path) => file(path)),
  ]);
  expect(copied).toEqual({ written: [".env", "bin/run", ...odd], leftOut: [] });
  expect([modeOf(".env"), modeOf("bin/run")]).toEqual(["600", "700"]);
  expect(readFileSync(join(tree, ".env"), "utf8")).toBe("secret\n");
  expect(git("status", "--porcelain")).toBe("");
  // The pattern means that path alone.
  writeFileSync(join(tree, "config/axb"), "");
  expect(git("status", "--porcelain", "-uall")).toBe("?? config/axb\n");
});

it("never writes over what is there, nor through a link, nor out of the tree", async () => {
  writeFileSync(join(tree, "there"), "mine");
  mkdirSync(join(root, "outside"));
  symlinkSync(join(root, "outside"), join(tree, "linked"));
  symlinkSync(join(root, "outside/made"), join(tree, "dangling"));
  const paths = [
    "there",
    "linked/file",
    "dangling",
    "there/below",
    "../up",
    "/etc/cron.d/x",
    "a/../../b",
    ".git/hooks/x",
  ];
  const { written, leftOut } = await copyFiles(
    tree,
    paths.map((path) => file(path)),
  );
  expect(written).toEqual([]);
  expect(leftOut.map(({ path }) => path)).toEqual(paths);
  expect(readFileSync(join(tree, "there"), "utf8")).toBe("mine");
  expect(readdirSync(join(root, "outside"))).toEqual([]);
});

it.each([".GIT/config", "sub/.git/x", "", "a//b", "./a", "a\0b", "a\\b"])("refuses the path %j", (path) => {
  expect(isSafePath(path)).toBe(false);
});
