import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "../lib/git-process.ts";

export interface WorkTree {
  path: string;
  /** `refs/heads/…`; null where it is detached. */
  ref: string | null;
  head: string | null;
  /** git's reason for a lock, `initializing` while `git worktree add` is at it; null where it has none. */
  locked: string | null;
}

export interface WorkTreeMove {
  worktree: string;
  /** What is checked out there now. */
  from: string;
  /** A commit or a tree. */
  to: string;
}

/** The work trees of the repository, its main one first, as git lists them. */
export async function listWorkTrees(git: Git, repositoryPath: string): Promise<WorkTree[]> {
  const { stdout } = await git.run(["worktree", "list", "--porcelain", "-z"], { cwd: repositoryPath });
  return stdout
    .split("\0\0")
    .filter(Boolean)
    .flatMap((entry) => {
      const fields = entry.split("\0");
      const valueOf = (name: string): string | null => {
        const field = fields.find((one) => one === name || one.startsWith(`${name} `));
        return field === undefined ? null : field.slice(name.length + 1);
      };
      const path = valueOf("worktree");
      if (path === null) return [];
      return [{ path, ref: valueOf("branch"), head: valueOf("HEAD"), locked: valueOf("locked") }];
    });
}

/** The work tree that has `branch` checked out, or is in the middle of rebasing or bisecting it. */
export async function findHolder(git: Git, repositoryPath: string, branch: string): Promise<WorkTree | undefined> {
  for (const tree of await listWorkTrees(git, repositoryPath)) {
    if (tree.ref === `refs/heads/${branch}`) return tree;
    if (tree.ref === null && (await isBusyWith(git, tree.path, branch))) return tree;
  }
  return undefined;
}

async function isBusyWith(git: Git, worktree: string, branch: string): Promise<boolean> {
  if (!existsSync(worktree)) return false;
  const { stdout, exitCode } = await git.run(["rev-parse", "--absolute-git-dir"], { cwd: worktree, allowExit: [128] });
  if (exitCode !== 0) return false;
  const gitDir = stdout.replace(/\n$/, "");
  const names = await Promise.all(
    ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"].map((file) =>
      readFile(join(gitDir, file), "utf8").catch(() => ""),
    ),
  );
  return names.some((name) => name.trim().replace(/^refs\/heads\//, "") === branch);
}

/** What a user's work tree is in the middle of, as a phrase; undefined where nothing is under way. */
export async function findOperation(git: Git, worktree: string): Promise<string | undefined> {
  const { stdout } = await git.run(["rev-parse", "--absolute-git-dir"], { cwd: worktree });
  const gitDir = stdout.replace(/\n$/, "");
  const found = OPERATIONS.find(([file]) => existsSync(join(gitDir, file)));
  return found?.[1];
}

const OPERATIONS: readonly (readonly [file: string, phrase: string])[] = [
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase or git am"],
  ["MERGE_HEAD", "a merge"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["sequencer", "a cherry-pick or revert"],
  ["BISECT_LOG", "a bisect"],
];
