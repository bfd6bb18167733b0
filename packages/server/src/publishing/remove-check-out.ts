import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { notClean } from "../repositories/move-work-tree.ts";
import { neutralDrivers } from "../repositories/neutral-drivers.ts";
import { findOperation, listWorkTrees } from "../repositories/work-trees.ts";

/**
 * Removes the work tree that "check out" made at `path`; the branch and its commits stay. What git ignores in it goes
 * along. One that the user removed is only forgotten, and a removal that was cut off is finished. No hook, filter or
 * submodule of the tree runs. Throws `tree.not-clean` where files would be lost, `branch.refused` where the user does
 * something else there, or `git.failed`.
 */
export async function removeCheckOut(
  git: Git,
  order: { session: Session; path: string; signal: AbortSignal; onLog: (text: string) => void },
): Promise<{ removed: boolean }> {
  const { session, path, signal, onLog } = order;
  const cwd = session.repository.path;
  const [main, ...others] = await listWorkTrees(git, cwd);
  if (main?.path === path) throw refused(`${path} is the repository itself, not a work tree of it.`, "Leave it there.");
  const tree = others.find((one) => one.path === path);
  if (!tree) {
    if (existsSync(path)) onLog(`What is at ${path} is no work tree of the repository any more: it stays.\n`);
    return { removed: false };
  }
  // Also where nothing is there: the disk that it is on may be away, which is what such a lock is for.
  if (tree.locked !== null) throw refused(`The work tree ${path} is locked.`, `Unlock it: git worktree unlock ${path}`);
  const { env } = await neutralDrivers(git, cwd);
  const place = { cwd, trust: "user" as const, env, onMessages: onLog, timeoutMs: 10 * 60_000 };
  const remove = (force: boolean) =>
    git.run(["worktree", "remove", ...(force ? ["--force"] : []), "--end-of-options", path], place);
  if (!existsSync(path)) {
    await remove(true);
    return { removed: false };
  }
  await requireOwn(git, { path, branch: session.branch, ref: tree.ref });
  await restoreIgnoreFiles(git, path, env);
  const { lost, missing } = await listChanges(git, path, env);
  if (lost.length > 0) throw notClean(path, lost);
  // git's own look refuses missing files, too, and lets nothing through that came just now: it is overridden only then.
  const isCut = missing.length > 0;
  if (isCut) await requireNoSubmodules(git, path);
  signal.throwIfAborted();
  // To its end, cancelled or not: it takes a moment, and half of it is worse than either.
  await remove(isCut);
  // The directory that holds the work trees goes with the last of them.
  await rmdir(dirname(path)).catch(() => undefined);
  return { removed: true };
}

/** Throws where the user does something else in the work tree, or it cannot be told what is there. */
async function requireOwn(git: Git, tree: { path: string; branch: string; ref: string | null }): Promise<void> {
  const { path, branch, ref } = tree;
  if (!existsSync(join(path, ".git"))) {
    throw refused(
      `The directory ${path} has lost its .git file, so that it cannot be told what is in it.`,
      "Keep what is yours in it, delete the directory, then remove the work tree again.",
    );
  }
  const busy = await findOperation(git, path);
  if (busy)
    throw refused(`${path} is in the middle of ${busy}.`, "Finish or abort it there, then remove the work tree.");
  if (ref === `refs/heads/${branch}`) return;
  const at = ref === null ? "no branch" : ref.replace("refs/heads/", "");
  throw refused(
    `The work tree ${path} is on ${at} by now, not on ${branch}.`,
    "You use it for something else: remove it yourself where you are done with it.",
  );
}

/**
 * `lost`: files that are nowhere else, changed ones and new ones that git does not ignore. `missing`: files that are only
 * gone from the directory; the branch has them.
 */
async function listChanges(
  git: Git,
  worktree: string,
  env: Record<string, string>,
): Promise<{ lost: string[]; missing: string[] }> {
  const status = ["status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames"];
  const { stdout } = await git.run([...status, "--ignore-submodules=none"], { cwd: worktree, trust: "user", env });
  const entries = stdout.split("\0").filter(Boolean);
  const isMissing = (entry: string) => entry.startsWith(" D ");
  return {
    lost: entries.filter((entry) => !isMissing(entry)).map((entry) => entry.slice(3)),
    missing: entries.filter(isMissing).map((entry) => entry.slice(3)),
  };
}

/** A removal that was cut off may have taken them first: what they ignore would be taken for new files. */
async function restoreIgnoreFiles(git: Git, worktree: string, env: Record<string, string>): Promise<void> {
  const { missing } = await listChanges(git, worktree, env);
  const gone = missing.filter((name) => basename(name) === ".gitignore");
  if (gone.length === 0) return;
  const input = gone.map((name) => `${name}\0`).join("");
  const restore = ["checkout-index", "--quiet", "-z", "--stdin"];
  await git.run(restore, { cwd: worktree, trust: "user", env, input, allowExit: [1, 128] });
}

/** A submodule's own commits may be nowhere else. git never begins to remove a tree with one unless it is forced to. */
async function requireNoSubmodules(git: Git, worktree: string): Promise<void> {
  const maxOutputBytes = 256 * 1024 ** 2;
  const { stdout } = await git.run(["ls-files", "--stage", "-z"], { cwd: worktree, maxOutputBytes });
  if (!/(^|\0)160000 /.test(stdout)) return;
  throw refused(
    `The work tree ${worktree} has submodules and misses files.`,
    "Look for commits in them that are nowhere else, then remove it yourself.",
  );
}

function refused(message: string, advice: string): AppError {
  return new AppError("branch.refused", message, { details: { advice } });
}
