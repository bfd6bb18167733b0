import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "@playwright/test";

/** A real repository with a commit, a second branch, a tag and a dirty file, so that every change to it would show. */
export function makeRepository(parent: string, name: string) {
  const path = join(parent, name);
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", path, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  };
  mkdirSync(path, { recursive: true });
  git("init", "--quiet", "-b", "main");
  git("config", "user.name", "Ada Example");
  git("config", "user.email", "ada@example.org");
  write("README.md", "# Example\n\nA project for tests.\n");
  write("src/add.js", "export const add = (a, b) => a + b;\n");
  git("add", "-A");
  git("commit", "--quiet", "-m", "Begin");
  git("branch", "other");
  git("tag", "v1");
  write("src/add.js", "export const add = (a, b) => a + b; // not committed\n");
  return {
    path,
    git,
    /** Awaits the branch with the file on it: work is published some time after its turn has ended. */
    published: (branch: string, file: string): Promise<void> =>
      expect(() => expect(git("ls-tree", "--name-only", branch)).toContain(file)).toPass({ timeout: 60_000 }),
    /** Everything about the repository that a session must leave alone. */
    state: () => ({
      refs: git("for-each-ref", "--format=%(refname) %(objectname)")
        .split("\n")
        .filter((ref) => !/heads\/agents\//.test(ref)),
      head: git("rev-parse", "--symbolic-full-name", "HEAD"),
      status: git("status", "--porcelain"),
      config: git("config", "--local", "--list"),
      reflog: git("reflog", "show", "--all"),
      worktrees: git("worktree", "list"),
      stash: git("stash", "list"),
    }),
  };
}
