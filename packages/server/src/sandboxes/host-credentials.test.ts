import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findHostCredentials, writePasswd } from "./host-credentials.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("only what is there is mounted, at the home of the container's user", () => {
  mkdirSync(join(home, ".ssh"));
  mkdirSync(join(home, ".config", "other"), { recursive: true });
  writeFileSync(join(home, ".gitconfig"), "");
  writeFileSync(join(home, ".netrc"), "secret");
  expect(findHostCredentials({ home, uid: 1000, gid: 100 })).toMatchObject({
    user: "1000:100",
    mounts: [
      { source: join(home, ".ssh"), target: "/state/home/.ssh" },
      { source: join(home, ".gitconfig"), target: "/state/home/.gitconfig" },
    ],
  });
});

test.each([
  ["1000:100", "agent:x:1000:100:agent:/state/home:/bin/bash", 3],
  ["0:0", "root:x:0:0:agent:/state/home:/bin/bash", 2],
])("the container's user %s has a name, and its home is where the files are", (user, line, count) => {
  const lines = readFileSync(writePasswd(home, user), "utf8").trim().split("\n");
  expect(lines[0]).toBe(line);
  expect(lines).toHaveLength(count);
});
