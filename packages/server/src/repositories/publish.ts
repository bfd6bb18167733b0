import { existsSync } from "node:fs";
import { join } from "node:path";
import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import type { PublishObstacle } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { bringObjects } from "./bring-objects.ts";
import { listRefs } from "./git-refs.ts";
import { hasContent, listUncommitted, moveWorkTree, requireMovable } from "./move-work-tree.ts";
import { neutralDrivers } from "./neutral-drivers.ts";
import { isBranchName } from "./ref-name.ts";
import { findHolder, type WorkTreeMove } from "./work-trees.ts";

export type PublishOutcome =
  /** `followed`: the work tree that check-out made of the branch, which is at the commit now, too. */
  | { outcome: "published" | "unchanged"; commit: string; followed?: string }
  /** `obstacle`: "branch" where it is not given. */
  | { outcome: "conflicted"; reason: string; obstacle?: PublishObstacle };

export interface PublishRequest {
  repositoryPath: string;
  quarantinePath: string;
  commit: string;
  /** `agents/…` */
  branch: string;
  /** What this product published there last; null before the first time. */
  previous: string | null;
  /** The work tree that check-out made of the branch: it follows while it is clean. */
  ownWorktree?: string | null;
  /** Why that work tree must stay as it is; null where it may follow. */
  hold?: string | null;
  /** The user asked for it: a branch that they deleted is made again. */
  remake?: boolean;
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

  /** Why the branch cannot be moved from `previous` as things stand, or the work tree that has to move with it. */
  async function findObstacle(
    request: PublishRequest,
    current: string | undefined,
  ): Promise<{ obstacle?: string; follower?: string; hasMoved?: boolean }> {
    const { branch, previous, repositoryPath } = request;
    if (current === undefined && previous !== null && !request.remake) {
      return { obstacle: `The branch ${branch} was deleted in ${repositoryPath}, so it is not made again.` };
    }
    if (current !== undefined && previous === null) {
      const obstacle = `A branch ${branch} that this session did not make is already there (${current.slice(0, 10)}).`;
      return { obstacle };
    }
    if (current !== undefined && current !== previous) {
      const where = `${current.slice(0, 10)} in ${repositoryPath}`;
      return { obstacle: `The branch ${branch} was moved to ${where}; those commits are kept.` };
    }
    const holder = await findHolder(git, repositoryPath, branch);
    if (!holder) return {};
    if (holder.path !== request.ownWorktree || holder.ref === null) {
      return { obstacle: `The branch ${branch} is in use in ${holder.path}: switch to another branch there.` };
    }
    if (request.hold) return { obstacle: request.hold };
    const { env } = await neutralDrivers(git, holder.path);
    const changed = await listUncommitted(git, holder.path, env);
    if (changed.length === 0) return { follower: holder.path };
    // A server that was killed between moving the files and moving the branch.
    if (await hasContent(git, { worktree: holder.path, to: request.commit })) {
      return { follower: holder.path, hasMoved: true };
    }
    const files = changed.slice(0, 3).join(", ");
    return { obstacle: `The work tree ${holder.path} has changes of yours (${files}): commit or undo them there.` };
  }

  /** Of a work tree that was moved although the branch cannot be. */
  async function moveBack({ worktree, from, to }: WorkTreeMove): Promise<void> {
    const { env } = await neutralDrivers(git, worktree);
    // The user committed there in this moment, our files with theirs: that is what they have now.
    if ((await listUncommitted(git, worktree, env)).length === 0) return;
    await moveWorkTree(git, { worktree, from: to, to: from });
  }

  async function publish(request: PublishRequest): Promise<PublishOutcome> {
    const { repositoryPath, branch, commit } = request;
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
    const { obstacle, follower, hasMoved } = await findObstacle(request, current);
    if (obstacle !== undefined) return { outcome: "conflicted", reason: obstacle };

    await bringObjects(git, { from: request.quarantinePath, into: repositoryPath, commit });
    const mustMove = follower !== undefined && current !== undefined && !hasMoved;
    const move = mustMove ? { worktree: follower, from: current, to: commit } : undefined;
    try {
      if (move) {
        await requireMovable(git, move);
        await moveWorkTree(git, move);
      }
    } catch (error) {
      return couldNotMove(branch, error);
    }
    try {
      await git.run(
        ["-c", "core.logAllRefUpdates=false", "update-ref", "--no-deref", "--", ref, commit, current ?? NOTHING],
        { cwd: repositoryPath },
      );
    } catch (error) {
      const left = move && (await moveBack(move).catch((failure: unknown) => failure));
      if (left === undefined) return couldNotMove(branch, error);
      const where = `the files of ${follower} are those of the new work and could not be taken back (${messageOf(left)})`;
      return couldNotMove(branch, new Error(`${messageOf(error)}; ${where}`));
    }
    return { outcome: "published", commit, ...(follower === undefined ? {} : { followed: follower }) };
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

function couldNotMove(branch: string, error: unknown): PublishOutcome {
  return { outcome: "conflicted", reason: `The branch ${branch} could not be moved: ${messageOf(error)}` };
}
