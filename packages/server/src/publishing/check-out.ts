import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { listUncommitted, notClean } from "../repositories/move-work-tree.ts";
import { neutralDrivers } from "../repositories/neutral-drivers.ts";
import { WORKTREES_SUFFIX } from "../repositories/repository-finder.ts";
import { findHolder, listWorkTrees } from "../repositories/work-trees.ts";

/** Where "check out" makes the work tree: beside the repository, out of every sandbox's reach. */
export function checkoutPathOf(session: Session): string {
  const { path } = session.repository;
  const slug = session.branch.slice(BRANCH_PREFIX.length).replaceAll("/", "-");
  return join(dirname(path), `${basename(path)}${WORKTREES_SUFFIX}`, slug);
}

/**
 * Makes a real work tree of the session's branch, which has to be in the user's repository already. One that is there
 * from before stays as it is: it follows the branch by publishing. No hook, filter or submodule of the tree runs.
 * Nothing is left of one where the branch turns out to be at another commit than the one that was asked for.
 * Throws `branch.refused`, `tree.not-clean` or `git.failed`.
 */
export async function checkOut(
  git: Git,
  order: { session: Session; commit: string; signal: AbortSignal; onLog: (text: string) => void },
): Promise<{ path: string; made: boolean }> {
  const { session, onLog } = order;
  const { branch } = session;
  const cwd = session.repository.path;
  const path = checkoutPathOf(session);
  const { env, filters } = await neutralDrivers(git, cwd);
  const place = { cwd, trust: "user" as const, env, signal: order.signal, onMessages: onLog };

  const holder = await findHolder(git, cwd, branch);
  if (holder && holder.path !== path) {
    throw refused(
      `The branch ${branch} is checked out in ${holder.path} already.`,
      `Use it there, or switch there to another branch.`,
    );
  }
  if (holder && existsSync(path) && holder.locked !== "initializing") {
    const changed = await listUncommitted(git, path, env);
    if (changed.length > 0) throw notClean(path, changed);
    return { path, made: false };
  }
  const known = holder ?? (await listWorkTrees(git, cwd)).find((tree) => tree.path === path);
  if (known && known.locked !== null && known.locked !== "initializing" && !existsSync(path)) {
    throw refused(
      `The work tree ${path} is locked, and its directory is away.`,
      `Bring it back, or unlock it: git worktree unlock ${path}`,
    );
  }
  if (known && (known.locked === "initializing" || !existsSync(path))) {
    onLog(`Removing what was left of an earlier try at ${path}.\n`);
    await git.run(["worktree", "remove", "--force", "--force", "--end-of-options", path], place);
  }
  if (existsSync(path)) {
    throw refused(`There is something else at ${path} already.`, "Move it away, then check out again.");
  }
  await git.run(["worktree", "add", "--end-of-options", path, branch], { ...place, timeoutMs: 10 * 60_000 });
  const { stdout } = await git.run(["rev-parse", "--verify", "HEAD"], { cwd: path });
  if (stdout.trim() !== order.commit) {
    await git.run(["worktree", "remove", "--force", "--end-of-options", path], place);
    throw refused(`The branch ${branch} was moved while it was checked out.`, "Check out again.");
  }
  if (filters.length > 0) {
    onLog(
      `Filters of your git configuration were not run (${filters.join(", ")}): files they would change are as committed.\n`,
    );
  }
  return { path, made: true };
}

function refused(message: string, advice: string): AppError {
  return new AppError("branch.refused", message, { details: { advice } });
}
