import type { Git } from "../lib/git-process.ts";
import { findOperation } from "../repositories/work-trees.ts";

export interface UserTree {
  /** The branch that is checked out; null where HEAD is detached. */
  branch: string | null;
  /** Null where the branch has no commit yet. */
  head: string | null;
  isBare: boolean;
  /** What is under way, as a phrase. */
  operation: string | undefined;
}

/** What stands in the user's main work tree. Nothing is written. */
export async function readUserTree(git: Git, worktree: string): Promise<UserTree> {
  const ask = (args: string[], allowExit: number[] = []) => git.run(args, { cwd: worktree, allowExit });
  const [bare, symbolic, head] = await Promise.all([
    ask(["rev-parse", "--is-bare-repository"]),
    ask(["symbolic-ref", "--quiet", "HEAD"], [1]),
    ask(["rev-parse", "--verify", "--quiet", "HEAD"], [1, 128]),
  ]);
  const ref = symbolic.stdout.trim();
  return {
    branch: ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null,
    head: head.stdout.trim() || null,
    isBare: bare.stdout.trim() === "true",
    operation: await findOperation(git, worktree),
  };
}
