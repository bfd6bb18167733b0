import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { commitMessage } from "@background-agents/shared/git/commit-message";
import { copyIndex } from "./copy-index.ts";
import type { Git } from "./git-process.ts";
import { listLinks } from "./nested-repositories.ts";
import { readSaved } from "./saved-commit.ts";
import { type Staged, stageEverything } from "./stage-everything.ts";
import { markTold, readTold } from "./told-paths.ts";

export interface LeftoversOrder {
  tree: string;
  git: Git;
  branch: string;
  /** The commit the session began at. */
  base: string;
  identity: { name: string; email: string };
  sessionId: string;
  promptText: string;
  /** Most new file data, in bytes, that one commit may take. */
  limitBytes: number;
  /** The user gets to see the notices: what they say of a path need not be said again. */
  isTold: boolean;
}

export interface SavedWork {
  /** The commit that holds everything: HEAD, or a snapshot on top of it while git is in the middle of something. */
  commit: string;
  notices: { code: string; message: string }[];
}

const IN_PROGRESS = ["MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD"];

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function name(all: readonly string[]): string {
  return all.slice(0, 5).join(", ") + (all.length > 5 ? ` and ${all.length - 5} more` : "");
}

function tell({ oversized, opened, closed }: Staged): SavedWork["notices"] {
  const notices: SavedWork["notices"] = [];
  if (oversized.length > 0) {
    const named = name(oversized.map((file) => `${file.path} (${Math.ceil(file.bytes / 2 ** 20)} MiB)`));
    notices.push({
      code: "checkpoint.files-left-out",
      message: `Too large to save, left uncommitted in the workspace: ${named}.`,
    });
  }
  if (opened.length > 0) {
    const message = `A git repository of its own in the workspace: ${name(opened)}. Its files are saved with the work; its own history stays in the sandbox alone.`;
    notices.push({ code: "checkpoint.nested-repository", message });
  }
  if (closed.length > 0) {
    const named = name(closed.map(({ path, reason }) => `${path} (${reason})`));
    notices.push({
      code: "checkpoint.nested-repository",
      message: `Not saved, left as it is in the workspace: ${named}.`,
    });
  }
  return notices;
}

/** Of other repositories a commit holds which of their commits belongs here: their files must be had from elsewhere. */
async function tellLinks(
  git: Git,
  [before, after]: [before: string, after: string],
  closed: readonly string[],
): Promise<SavedWork["notices"]> {
  const links = (await listLinks(git, ["diff-tree", before, after])).map(({ path }) => path);
  const paths = links.filter((path) => !closed.includes(path));
  if (paths.length === 0) return [];
  const message = `Saved as a submodule, without its files: ${name(paths)}. Push its commits to its own repository to keep them, if they are not there yet.`;
  return [{ code: "checkpoint.nested-repository", message }];
}

/** Makes sure the session's branch has `commit`; answers what the user should know when it could not. */
async function bringToBranch(git: Git, branch: string, commit: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const head = (await git(["symbolic-ref", "--quiet", "HEAD"], { allowExit: [1] })).stdout.trim();
  if (head === ref) return undefined;
  const where = head ? `on ${head.replace("refs/heads/", "")}` : "on no branch";
  const old = (await git(["rev-parse", "--verify", "--quiet", ref], { allowExit: [1] })).stdout.trim();
  const descends = !old || (await git(["merge-base", "--is-ancestor", old, commit], { allowExit: [1] })).exitCode === 0;
  if (!descends) return `The agent works ${where}, away from ${branch}; this checkpoint holds that work.`;
  await git(["update-ref", ref, commit, ...(old ? [old] : [])]);
  return `The agent works ${where}; ${branch} was moved along with it.`;
}

/**
 * Commits what the agent left uncommitted, with the identity of the clone. Works on a copy of the index, so a stale
 * lock or a process of the agent does not stand in the way. While a merge or rebase is under way HEAD stays where it is
 * and the work becomes a snapshot commit on top of it.
 */
export async function commitLeftovers(order: LeftoversOrder): Promise<SavedWork> {
  const { tree, git, branch, base, identity, sessionId, promptText, limitBytes } = order;
  const notices: SavedWork["notices"] = [];
  const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim();
  const index = join(gitDir, "index");
  const copy = join(gitDir, "background-agents-index");
  const head = (await git(["rev-parse", "--verify", "HEAD^{commit}"])).stdout.trim();
  const underWay = (await Promise.all(IN_PROGRESS.map((name) => exists(join(gitDir, name))))).some(Boolean);

  let commit = head;
  let closed: string[] = [];
  const told = await readTold(git);
  await rm(copy, { force: true });
  if (await exists(index)) await copyIndex(index, copy);
  try {
    const env = { GIT_INDEX_FILE: copy };
    const staged = await stageEverything({ tree, git, env, base, limitBytes });
    closed = staged.closed.map(({ path }) => path);
    notices.push(...tell({ ...staged, closed: staged.closed.filter(({ path }) => !told.has(path)) }));
    const treeId = (await git(["write-tree"], { env })).stdout.trim();
    const headTree = (await git(["rev-parse", `${head}^{tree}`])).stdout.trim();
    notices.push(...(await tellLinks(git, [(await readSaved(git)) ?? base, treeId], closed)));
    if (treeId !== headTree) {
      commit = (
        await git(["commit-tree", treeId, "-p", head, "-F", "-"], {
          input: commitMessage(promptText, sessionId),
          env: {
            GIT_AUTHOR_NAME: identity.name,
            GIT_AUTHOR_EMAIL: identity.email,
            GIT_COMMITTER_NAME: identity.name,
            GIT_COMMITTER_EMAIL: identity.email,
          },
        })
      ).stdout.trim();
      if (!underWay) {
        await git(["update-ref", "-m", "commit: work of the agent", "HEAD", commit, head]);
        if (!(await exists(`${index}.lock`))) await rename(copy, index);
      }
    }
  } finally {
    await rm(copy, { force: true });
  }
  if (underWay) {
    notices.push({
      code: "checkpoint.snapshot",
      message:
        "A merge or rebase is under way in the workspace: its present state was saved, the branch was not moved.",
    });
  } else {
    const message = await bringToBranch(git, branch, commit);
    if (message) notices.push({ code: "checkpoint.other-branch", message });
  }
  // Last: what fails before is done again, and tells again.
  if (order.isTold) await markTold(git, told, closed);
  return { commit, notices };
}
