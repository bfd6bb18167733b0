import { copyFile, lstat, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { commitMessage } from "@background-agents/shared/git/commit-message";
import type { Git } from "./git-process.ts";
import { type FileSize, pickOversizedFiles } from "./oversized-files.ts";

export interface LeftoversOrder {
  tree: string;
  git: Git;
  branch: string;
  identity: { name: string; email: string };
  sessionId: string;
  promptText: string;
  /** Most new file data, in bytes, that one commit may take. */
  limitBytes: number;
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

async function listChangedFiles(tree: string, git: Git): Promise<FileSize[]> {
  const { stdout } = await git(["ls-files", "-z", "--modified", "--others", "--exclude-standard"]);
  const files: FileSize[] = [];
  for (const path of new Set(stdout.split("\0").filter(Boolean))) {
    const info = await lstat(join(tree, path)).catch(() => undefined);
    if (info?.isFile()) files.push({ path, bytes: info.size });
  }
  return files;
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
  const { tree, git, branch, identity, sessionId, promptText, limitBytes } = order;
  const notices: SavedWork["notices"] = [];
  const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim();
  const index = join(gitDir, "index");
  const copy = join(gitDir, "background-agents-index");
  const head = (await git(["rev-parse", "--verify", "HEAD^{commit}"])).stdout.trim();
  const underWay = (await Promise.all(IN_PROGRESS.map((name) => exists(join(gitDir, name))))).some(Boolean);

  const left = pickOversizedFiles(await listChangedFiles(tree, git), limitBytes);
  if (left.length > 0) {
    const named = left.slice(0, 5).map((file) => `${file.path} (${Math.ceil(file.bytes / 2 ** 20)} MiB)`);
    const more = left.length > 5 ? ` and ${left.length - 5} more` : "";
    notices.push({
      code: "checkpoint.files-left-out",
      message: `Too large to save, left uncommitted in the workspace: ${named.join(", ")}${more}.`,
    });
  }

  let commit = head;
  await rm(copy, { force: true });
  if (await exists(index)) await copyFile(index, copy);
  try {
    const env = { GIT_INDEX_FILE: copy };
    const paths = [".", ...left.map((file) => `:(top,exclude,literal)${file.path}`)];
    await git(["-c", "advice.addEmbeddedRepo=false", "add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"], {
      env,
      input: paths.join("\0"),
    });
    const treeId = (await git(["write-tree"], { env })).stdout.trim();
    const headTree = (await git(["rev-parse", `${head}^{tree}`])).stdout.trim();
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
  return { commit, notices };
}
