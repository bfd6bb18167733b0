import { rm } from "node:fs/promises";
import { join } from "node:path";
import { commitLeftovers } from "./commit-leftovers.ts";
import type { Git } from "./git-process.ts";
import { markSaved, readSaved } from "./saved-commit.ts";

/** In the clone's config: how many times the user brought the work to another state, as far as this tree followed. */
const GENERATION = "background-agents.generation";

export interface RestoreTreeOrder {
  tree: string;
  git: Git;
  branch: string;
  /** The commit the session began at. */
  base: string;
  identity: { name: string; email: string };
  sessionId: string;
  generation: number;
  /** Where to go; its objects are there. */
  commit: string;
  /** Whether the tree is cleaned although it stands at the commit already. */
  always: boolean;
  /** Most file data, in bytes, that what nobody saved may take in the backup. */
  limitBytes: number;
}

export async function readGeneration(git: Git): Promise<number> {
  const { stdout } = await git(["config", "--get", GENERATION], { allowExit: [1] });
  return Number.parseInt(stdout, 10) || 0;
}

export async function writeGeneration(git: Git, generation: number): Promise<void> {
  await git(["config", GENERATION, String(generation)]);
}

/**
 * Brings the tree to `commit` on the session's branch; merges and rebases under way end, ignored files stay. What was
 * saved nowhere goes to a ref of its own first, which is the answer. May be cut short and done again at any point.
 */
export async function restoreTree(order: RestoreTreeOrder): Promise<{ backup: string | undefined }> {
  const { tree, git, branch, base, identity, sessionId, generation, commit, limitBytes } = order;
  const head = await revision(git, "HEAD^{commit}");
  if (!order.always && head === commit) {
    await writeGeneration(git, generation);
    return { backup: undefined };
  }
  const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim();
  // No turn runs, so a lock is one that a killed process left.
  await rm(join(gitDir, "index.lock"), { force: true });
  const promptText = "Work that no checkpoint holds";
  const work = { tree, git, branch, base, identity, sessionId, promptText, limitBytes };
  const left = await commitLeftovers({ ...work, isTold: false });
  const backup = `refs/background-agents/before-restore-${generation}`;
  const unsaved = left.commit !== (await readSaved(git));
  if (unsaved) await git(["update-ref", backup, left.commit]);

  for (const name of ["rebase-merge", "rebase-apply", "sequencer", "BISECT_START"]) {
    await rm(join(gitDir, name), { recursive: true, force: true });
  }
  // With everything in the index, the reset removes what the commit does not have; what was left out as too large stays.
  await git(["read-tree", left.commit]);
  await git(["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  await git(["reset", "--quiet", "--hard", commit], { env: { GIT_LFS_SKIP_SMUDGE: "1" } });
  await markSaved(git, commit);
  await writeGeneration(git, generation);
  return { backup: unsaved ? backup : undefined };
}

async function revision(git: Git, name: string): Promise<string | undefined> {
  const { stdout } = await git(["rev-parse", "--verify", "--quiet", name], { allowExit: [1, 128] });
  return stdout.trim() || undefined;
}
