import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGit } from "../lib/git-process.ts";
import { createCopiedFiles } from "./copied-files.ts";
import { makeRepository, makeTempDir, writeFiles } from "./testing/git-fixture.ts";

let temp: ReturnType<typeof makeTempDir>;
let top: string;
let patterns: string[];
const id = newId("repository");

beforeEach(() => {
  temp = makeTempDir();
  patterns = [];
  top = makeRepository(join(temp.dir, "user"), {
    "README.md": "# Sample\n",
    ".gitignore": ".env*\n!.env.example\n/secrets/\nnode_modules/\nlink\n",
    ".env.example": "tracked\n",
  });
});
afterEach(() => temp.remove());

function make() {
  const git = createGit({ env: { PATH: process.env["PATH"], HOME: temp.dir } });
  return createCopiedFiles({ git, store: { readCopyPatterns: () => patterns } });
}

async function read(paths: string[]) {
  let text = "";
  for await (const chunk of make().open(top, paths)) text += String(chunk);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { path: string; mode: string; content: string });
}

it("takes what matches and is ignored, from the repository's patterns and its .worktreeinclude", async () => {
  writeFiles(top, {
    ".env": "A=1\n",
    "app/.env.local": "B=2\n",
    "secrets/key.pem": "k",
    "notes.txt": "untracked, not ignored",
    "node_modules/x/index.js": "",
    ".worktreeinclude": "# which\n\n.env*\nnotes.txt\n",
  });
  patterns = ["/secrets/*.pem"];
  const { files, leftOut, includeFile } = await make().list({ id, path: top });
  expect(files).toEqual([
    { path: ".env", bytes: 4 },
    { path: "app/.env.local", bytes: 4 },
    { path: "secrets/key.pem", bytes: 1 },
  ]);
  expect(leftOut).toEqual([]);
  expect(includeFile).toEqual([".env*", "notes.txt"]);
});

it("takes nothing without a pattern, and what the user's own git ignores with one", async () => {
  writeFiles(top, { ".env": "A=1\n", "mine.local": "1" });
  expect((await make().list({ id, path: top })).files).toEqual([]);
  patterns = ["mine.local"];
  expect((await make().list({ id, path: top })).files).toEqual([]);
  mkdirSync(join(temp.dir, ".config/git"), { recursive: true });
  writeFileSync(join(temp.dir, ".config/git/ignore"), "*.local\n");
  expect((await make().list({ id, path: top })).files).toEqual([{ path: "mine.local", bytes: 1 }]);
});

it("leaves links, large files and too many files out, and says why", async () => {
  writeFiles(top, { ".env.big": Buffer.alloc(1024 ** 2 + 1), "node_modules/real": "x" });
  writeFileSync(join(temp.dir, "outside"), "secret of the host");
  symlinkSync(join(temp.dir, "outside"), join(top, "link"));
  for (let number = 0; number < 101; number++) writeFileSync(join(top, `.env.z${1000 + number}`), "x");
  patterns = [".env*", "link"];
  const { files, leftOut } = await make().list({ id, path: top });
  expect(files).toHaveLength(100);
  expect(leftOut).toEqual([
    { path: ".env.big", reason: "it is over 1 MiB" },
    { path: ".env.z1100", reason: "more than 100 files" },
    { path: "link", reason: "it is a link" },
  ]);
});

it("keeps all together under 10 MiB", async () => {
  for (let number = 0; number < 12; number++) writeFileSync(join(top, `.env.${100 + number}`), Buffer.alloc(1024 ** 2));
  patterns = [".env*"];
  const { files, leftOut } = await make().list({ id, path: top });
  expect(files).toHaveLength(10);
  expect(leftOut).toMatchObject([{ reason: "more than 10 MiB in all" }, {}]);
});

it("gives contents and the executable bit, and nothing through links or out of the tree", async () => {
  writeFiles(top, { ".env": "A=ü\n", "secrets/run": "#!/bin/sh\n", "real/inner": "x" });
  chmodSync(join(top, "secrets/run"), 0o755);
  writeFileSync(join(temp.dir, "outside"), "secret of the host");
  symlinkSync(join(temp.dir, "outside"), join(top, "link"));
  symlinkSync(join(top, "real"), join(top, "linked"));
  const paths = [".env", "secrets/run", "link", "linked/inner", "../outside", "/etc/hostname", ".git/config", "gone"];
  expect(await read(paths)).toEqual([
    { path: ".env", mode: "100644", content: Buffer.from("A=ü\n").toString("base64") },
    { path: "secrets/run", mode: "100755", content: Buffer.from("#!/bin/sh\n").toString("base64") },
  ]);
});
