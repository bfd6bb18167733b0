import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplyBody } from "@background-agents/shared/protocol/publish-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Git } from "../lib/git-process.ts";
import { bringObjects } from "../repositories/bring-objects.ts";
import { hasContent, listUncommitted, moveWorkTree, notClean, requireMovable } from "../repositories/move-work-tree.ts";
import { commitTree, mergeWork, replayCommits, treeOf, type Replay, type Scratch } from "./replay-work.ts";
import { readUserTree } from "./user-tree.ts";

export interface ApplyOrder {
  session: Session;
  how: ApplyBody["how"];
  quarantinePath: string;
  /** A directory for what is worked out before anything of the user's is touched. */
  scratchDir: string;
  identity: { name: string; email: string };
  /** Of a squashed commit. */
  message: string;
  signal: AbortSignal;
  onLog: (text: string) => void;
  failpoint?: Failpoint | undefined;
}

export interface Applied {
  branch: string;
  /** Where the branch is now; for a patch where it still is. */
  commit: string;
  /** One line. */
  result: string;
}

/**
 * Brings the work to the branch that is checked out in the user's repository. All of it is worked out elsewhere first,
 * so that a refusal leaves the repository byte for byte as it was. No hook, merge driver or signing program runs, and no
 * filter on the work. Whether the tree is clean is asked as the user's own `git status` would ask, their filters included:
 * without them, untouched files of theirs under Git LFS would count as changed.
 * Throws `work.nothing`, `work.conflicts`, `tree.not-clean` or `branch.refused`.
 */
export async function applyWork(git: Git, order: ApplyOrder): Promise<Applied> {
  const { session, how } = order;
  const worktree = session.repository.path;
  const head = session.lastCommit;
  if (head === null || !existsSync(order.quarantinePath)) {
    throw new AppError("work.nothing", "There is nothing to apply yet: no turn has changed anything.");
  }
  const { branch, onto, changed } = await requireReady(git, worktree, how);
  await mkdir(order.scratchDir, { recursive: true });
  const directory = await mkdtemp(join(order.scratchDir, "apply-"));
  try {
    const scratch = await makeScratch(git, { ...order, directory });
    const replay: Replay = { onto, base: session.baseCommit, head, identity: order.identity };
    const work = await workOut(git, scratch, { ...replay, how, message: order.message });
    if (work === undefined) return { branch, commit: onto, result: `${branch} has all of the work already` };
    const move = { worktree, from: onto, to: work.commit, objects: join(scratch.gitDir, "objects") };
    // Changes that are those of the work: a server was killed between moving the files and moving the branch.
    const isThere = changed.length > 0 && (await hasContent(git, move));
    if (changed.length > 0 && !isThere) throw notClean(worktree, changed);
    if (!isThere) await requireMovable(git, move);
    if (order.signal.aborted) throw new AppError("job.interrupted", "Cancelled before anything was changed.");
    await bringObjects(git, { from: scratch.gitDir, into: worktree, commit: work.commit });
    if (!isThere) await moveWorkTree(git, move);
    order.failpoint?.("apply.moved");
    if (how === "patch") {
      return { branch, commit: onto, result: `the changes are staged in ${worktree}, not committed` };
    }
    await moveBranch(git, { ...move, session });
    return {
      branch,
      commit: work.commit,
      result: `${work.count} ${work.count === 1 ? "commit" : "commits"} on ${branch}`,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Throws where the user's work tree is not in a state to take anything; tells tracked files that have changes. */
async function requireReady(
  git: Git,
  worktree: string,
  how: ApplyBody["how"],
): Promise<{ branch: string; onto: string; changed: string[] }> {
  const refused = (message: string, advice: string) => new AppError("branch.refused", message, { details: { advice } });
  const tree = await readUserTree(git, worktree);
  if (tree.isBare) throw refused(`${worktree} is a bare repository without a work tree.`, "Use its agents/ branch.");
  if (tree.operation !== undefined) {
    throw refused(`There is ${tree.operation} under way in ${worktree}.`, "Finish or abort it first.");
  }
  if (tree.head === null) {
    throw refused(`The branch checked out in ${worktree} has no commit yet.`, "Make a first commit, then apply again.");
  }
  if (tree.branch === null && how !== "patch") {
    throw refused(
      `No branch is checked out in ${worktree} (detached HEAD): commits would belong to none.`,
      "Switch to a branch, or apply the work as a patch.",
    );
  }
  return { branch: tree.branch ?? "HEAD", onto: tree.head, changed: await listUncommitted(git, worktree) };
}

async function makeScratch(git: Git, order: ApplyOrder & { directory: string }): Promise<Scratch> {
  const gitDir = join(order.directory, "repository.git");
  await mkdir(gitDir, { recursive: true });
  await git.run(["init", "--quiet", "--bare", "--template=", gitDir]);
  const { stdout } = await git.run(["rev-parse", "--path-format=absolute", "--git-path", "objects"], {
    cwd: order.session.repository.path,
  });
  const sources = [join(order.quarantinePath, "objects"), stdout.replace(/\n$/, "")];
  const lines = sources.map((path) => (/["\n]/.test(path) ? JSON.stringify(path) : path));
  await writeFile(join(gitDir, "objects", "info", "alternates"), `${lines.join("\n")}\n`);
  return { gitDir, signal: order.signal, onLog: order.onLog };
}

/** The commit that the work tree should be at; undefined where nothing would change. */
async function workOut(
  git: Git,
  scratch: Scratch,
  order: Replay & { how: ApplyBody["how"]; message: string },
): Promise<{ commit: string; count: number } | undefined> {
  if (order.how === "commits") {
    const replayed = await replayCommits(git, scratch, order);
    return replayed.count === 0 ? undefined : replayed;
  }
  const tree = await mergeWork(git, scratch, order);
  if (tree === (await treeOf(git, scratch, order.onto))) return undefined;
  const { onto: parent, message, identity } = order;
  if (order.how === "squash") scratch.onLog("The commit is not signed: nothing of yours is asked for a passphrase.\n");
  return { commit: await commitTree(git, scratch, { tree, parent, message, identity }), count: 1 };
}

async function moveBranch(
  git: Git,
  move: { worktree: string; from: string; to: string; session: Session },
): Promise<void> {
  const reason = `background-agents: apply ${move.session.branch}`;
  try {
    await git.run(["update-ref", "-m", reason, "--end-of-options", "HEAD", move.to, move.from], {
      cwd: move.worktree,
      trust: "user",
    });
  } catch (error) {
    // Someone committed in this moment: the files go back to where they were.
    await moveWorkTree(git, { worktree: move.worktree, from: move.to, to: move.from });
    throw new AppError("branch.conflicted", "The branch moved while the work was applied: nothing was changed.", {
      cause: error,
      details: { advice: "Apply it again." },
    });
  }
}
