import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGit, type Git } from "./git-process.ts";
import { writeGeneration } from "./restore-tree.ts";
import { markSaved } from "./saved-commit.ts";

/** Set in the clone's config when it is complete: a clone that was cut short is made again. */
const COMPLETE = "background-agents.base";
/** Set where the clone stands at the base although it is to begin elsewhere: the next one brings it there. */
const POSTPONED = "background-agents.postponed";

export interface CloneOrder {
  /** Path of the bare repository to borrow objects from. */
  mirror: string;
  workspace: string;
  directory: string;
  baseCommit: string;
  branch: string;
  identity: { name: string; email: string };
  /** Brings the commit that the branch begins at into the new clone; without it, that is the base. */
  bringCommit?: ((git: Git) => Promise<string>) | undefined;
  /** The clone stays at the base for now: the next one that has `bringCommit` brings it to where it begins. */
  isPostponed?: boolean;
  /** How many times the user brought the work to another state before this clone. */
  generation: number;
  /** What else belongs into a new tree before it is complete. */
  onCheckedOut: (cloned: { tree: string; git: Git }) => Promise<void>;
  onLog: (text: string) => void;
}

export interface ClonedTree {
  tree: string;
  git: Git;
  /** The tree was there already, with whatever the agent left in it. */
  resumed: boolean;
}

/**
 * Makes the session's private tree: a clone that borrows the mirror's objects, on its own branch at the base commit, or
 * at the commit that was brought. A complete tree that is there already is kept as it is.
 */
export async function cloneWorkspace(order: CloneOrder): Promise<ClonedTree> {
  const { mirror, workspace, directory, baseCommit, branch, identity, bringCommit, onLog } = order;
  const tree = join(workspace, directory);
  const git = createGit(tree);

  /** What git ignores stays, and so does what is in nobody's way. */
  async function checkOut(commit: string): Promise<void> {
    onLog(`Checking out ${commit.slice(0, 12)} as ${branch}\n`);
    await git(["checkout", "--quiet", "--force", "--no-track", "-B", branch, commit], {
      onStderr: onLog,
      env: { GIT_LFS_SKIP_SMUDGE: "1" },
    });
    await markSaved(git, commit);
    await writeGeneration(git, order.generation);
  }

  const isThere = await stat(join(tree, ".git")).then(
    () => true,
    () => false,
  );
  const complete = isThere && (await git(["config", "--get", COMPLETE], { allowExit: [1] })).exitCode === 0;
  if (complete) {
    onLog(`The working tree is there: ${tree}\n`);
    const postponed = bringCommit && (await git(["config", "--get", POSTPONED], { allowExit: [1] })).exitCode === 0;
    if (postponed) {
      await checkOut(await bringCommit(git));
      await git(["config", "--unset", POSTPONED]);
    }
    return { tree, git, resumed: true };
  }

  await rm(tree, { recursive: true, force: true });
  onLog(`Cloning into ${tree}\n`);
  await createGit(workspace)(["clone", "--quiet", "--shared", "--no-checkout", "--no-tags", "--", mirror, directory], {
    onStderr: onLog,
  });
  await git(["config", "user.name", identity.name]);
  await git(["config", "user.email", identity.email]);
  await checkOut(bringCommit ? await bringCommit(git) : baseCommit);
  if (order.isPostponed) await git(["config", POSTPONED, "true"]);
  await order.onCheckedOut({ tree, git });
  await git(["config", COMPLETE, baseCommit]);
  return { tree, git, resumed: false };
}

/**
 * Waits until the clock has left the second in which the index was written, then refreshes it. Without this the first
 * `git add -A` takes every file for possibly changed, reads it and stores it a second time.
 */
export async function refreshIndex({ tree, git }: Pick<ClonedTree, "tree" | "git">): Promise<void> {
  const { mtimeMs } = await stat(join(tree, ".git/index"));
  const waitMs = (Math.floor(mtimeMs / 1000) + 1) * 1000 + 5 - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
  // Exit 1: files changed meanwhile, the agent has begun. 128: it holds the index just now.
  await git(["update-index", "-q", "--refresh"], { allowExit: [1, 128] });
}
