import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { notClean } from "../repositories/move-work-tree.ts";
import { neutralDrivers } from "../repositories/neutral-drivers.ts";
import { findOperation, listWorkTrees } from "../repositories/work-trees.ts";

/**
 * Removes the work tree that "check out" made at `path`; the branch and its commits stay. What git ignores in it goes
 * along. One that the user removed is only forgotten. No hook, filter or submodule of the tree runs. Throws
 * `tree.not-clean` where files would be lost, `branch.refused` where the user does something else there, or `git.failed`.
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
  const { env } = await neutralDrivers(git, cwd);
  const place = { cwd, trust: "user" as const, env, signal, onMessages: onLog };
  if (!tree || !existsSync(path)) {
    // Only git's own note of it is left, or nothing.
    if (tree) await git.run(["worktree", "remove", "--force", "--force", "--end-of-options", path], place);
    return { removed: false };
  }
  if (tree.locked !== null) throw refused(`The work tree ${path} is locked.`, `Unlock it: git worktree unlock ${path}`);
  const busy = await findOperation(git, path);
  if (busy)
    throw refused(`${path} is in the middle of ${busy}.`, "Finish or abort it there, then remove the work tree.");
  if (tree.ref !== `refs/heads/${session.branch}`) {
    const at = tree.ref === null ? "no branch" : tree.ref.replace("refs/heads/", "");
    throw refused(
      `The work tree ${path} is on ${at} by now, not on ${session.branch}.`,
      "You use it for something else: remove it yourself where you are done with it.",
    );
  }
  const changed = await listLost(git, path, env);
  if (changed.length > 0) throw notClean(path, changed);
  await git.run(["worktree", "remove", "--end-of-options", path], { ...place, timeoutMs: 10 * 60_000 });
  // The directory that holds the work trees goes with the last of them.
  await rmdir(dirname(path)).catch(() => undefined);
  return { removed: true };
}

/** Files that are nowhere else: changed ones, and new ones that git does not ignore. */
async function listLost(git: Git, worktree: string, env: Record<string, string>): Promise<string[]> {
  const status = ["status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames"];
  const { stdout } = await git.run([...status, "--ignore-submodules=none"], { cwd: worktree, trust: "user", env });
  return stdout
    .split("\0")
    .filter(Boolean)
    .map((entry) => entry.slice(3));
}

function refused(message: string, advice: string): AppError {
  return new AppError("branch.refused", message, { details: { advice } });
}
