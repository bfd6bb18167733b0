import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { isBranchName } from "./ref-name.ts";

const NAMES = [
  "main",
  "feature/ünï-1",
  "a.b@c_d",
  "a/b/c",
  "agents/x",
  "",
  "@",
  "-x",
  "a..b",
  "a b",
  "a~1",
  "a^",
  "a:b",
  "a?",
  "a*",
  "a[b",
  "a\\b",
  "a@{1}",
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.",
  "a.lock",
  "a.lock/b",
  "a\nb",
  "a\u007f",
];

it.each(NAMES)("judges %j as git does", (name) => {
  const git = spawnSync("git", ["check-ref-format", "--branch", name], { env: { PATH: process.env["PATH"] } });
  expect(isBranchName(name)).toBe(git.status === 0);
});
