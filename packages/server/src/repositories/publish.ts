import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { listRefs } from "./git-refs.ts";
import { isBranchName } from "./ref-name.ts";

export type PublishOutcome =
  | { outcome: "published" | "unchanged"; commit: string }
  | { outcome: "conflicted"; reason: string };

export interface PublishRequest {
  repositoryPath: string;
  quarantinePath: string;
  commit: string;
  /** `agents/…` */
  branch: string;
  /** What this product published there last; null before the first time. */
  previous: string | null;
}

export type Publisher = ReturnType<typeof createPublisher>;

const NOTHING = "0".repeat(40);

/**
 * Brings a session's commit into the user's repository as its `agents/…` branch, by compare-and-swap. Nothing else there
 * changes: no other ref, no reflog, no FETCH_HEAD, no checkout, no maintenance, no hook.
 */
export function createPublisher(deps: { git: Git }) {
  const { git } = deps;
  const exclusively = createKeyedMutex();

  /** Why the branch cannot be moved from `previous` as things stand; undefined where it can. */
  async function findObstacle(request: PublishRequest, current: string | undefined): Promise<string | undefined> {
    const { branch, previous, repositoryPath } = request;
    if (current === undefined && previous !== null) {
      return `The branch ${branch} was deleted in ${repositoryPath}, so it is not made again.`;
    }
    if (current !== undefined && previous === null) {
      return `A branch ${branch} that this session did not make is already there (${current.slice(0, 10)}).`;
    }
    if (current !== undefined && current !== previous) {
      return `The branch ${branch} was moved to ${current.slice(0, 10)} in ${repositoryPath}; those commits are kept.`;
    }
    const holder = await findWorktree(git, repositoryPath, branch);
    if (holder) return `The branch ${branch} is in use in ${holder}: switch to another branch there.`;
    return undefined;
  }

  async function publish(request: PublishRequest): Promise<PublishOutcome> {
    const { repositoryPath, branch, commit, previous } = request;
    const ref = `refs/heads/${branch}`;
    if (!existsSync(join(repositoryPath, ".git"))) {
      return { outcome: "conflicted", reason: `There is no git repository at ${repositoryPath} any more.` };
    }
    const below = await listRefs(git, { cwd: repositoryPath }, "refs/heads/agents");
    const inTheWay = [...below.keys()].find((name) => ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`));
    if (inTheWay) {
      const name = inTheWay.slice("refs/heads/".length);
      return {
        outcome: "conflicted",
        reason: `A branch named ${name} is in the way of ${branch}: rename it (git branch -m ${name} <new name>).`,
      };
    }
    const current = below.get(ref);
    if (current === commit) return { outcome: "unchanged", commit };
    const obstacle = await findObstacle(request, current);
    if (obstacle) return { outcome: "conflicted", reason: obstacle };

    // No ref is written by the fetch: the objects lie unreferenced for a moment, and a crash leaves no ref behind.
    await git.run(
      [
        ...["-c", "fetch.fsckObjects=true", "-c", "fetch.writeCommitGraph=false", "-c", "core.logAllRefUpdates=false"],
        ...["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-prune"],
        ...["--no-recurse-submodules", "--refmap=", "--end-of-options", request.quarantinePath, commit],
      ],
      { cwd: repositoryPath },
    );
    try {
      await git.run(
        ["-c", "core.logAllRefUpdates=false", "update-ref", "--no-deref", "--", ref, commit, previous ?? NOTHING],
        { cwd: repositoryPath },
      );
    } catch (error) {
      return { outcome: "conflicted", reason: `The branch ${branch} could not be moved: ${messageOf(error)}` };
    }
    return { outcome: "published", commit };
  }

  return {
    /**
     * Moves `branch` from `previous` to `commit`. Whatever the user did to the branch meanwhile (moved, deleted, checked
     * out, a name in the way) is `conflicted` with a line that says so. Throws `git.failed` where the objects cannot be
     * brought over.
     */
    async publish(request: PublishRequest): Promise<PublishOutcome> {
      if (!request.branch.startsWith(BRANCH_PREFIX) || !isBranchName(request.branch)) {
        throw new AppError("server.internal", `${request.branch} is not a branch this product may write.`);
      }
      return exclusively(request.repositoryPath, () => publish(request));
    },
  };
}

/** The worktree that has `branch` checked out, or is in the middle of rebasing or bisecting it. */
async function findWorktree(git: Git, repositoryPath: string, branch: string): Promise<string | undefined> {
  const { stdout } = await git.run(["worktree", "list", "--porcelain"], { cwd: repositoryPath });
  for (const entry of stdout.split("\n\n").filter(Boolean)) {
    const fields = entry.split("\n").filter(Boolean);
    const path = fields.find((field) => field.startsWith("worktree "))?.slice("worktree ".length);
    if (path === undefined) continue;
    if (fields.includes(`branch refs/heads/${branch}`)) return path;
    if (fields.includes("detached") && (await isBusyWith(git, path, branch))) return path;
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
