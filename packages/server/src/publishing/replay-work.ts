import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";

/** A bare repository of its own that borrows from the user's repository and the quarantine: nothing else is written to. */
export interface Scratch {
  gitDir: string;
  signal: AbortSignal;
  onLog: (text: string) => void;
}

export interface Replay {
  /** What the user's branch is at. */
  onto: string;
  /** The session's work: all of `head` that neither `base` nor `onto` has. */
  base: string;
  head: string;
  /** Who commits. */
  identity: { name: string; email: string };
}

const NAMED_FILES = 10;

/** Makes the commits of the work anew on top of `onto`, in order, as cherry-pick does. Gives the last one. */
export async function replayCommits(
  git: Git,
  scratch: Scratch,
  replay: Replay,
): Promise<{ commit: string; count: number }> {
  const range = [replay.head, "--not", replay.base, replay.onto];
  const merges = await read(git, scratch, ["rev-list", "--merges", "--count", ...range]);
  if (merges !== "0") {
    throw new AppError("work.conflicts", "The work has merge commits, which cannot be applied one by one.", {
      details: { advice: "Apply it squashed into one commit." },
    });
  }
  const commits = (await read(git, scratch, ["rev-list", "--reverse", "--topo-order", ...range]))
    .split("\n")
    .filter(Boolean);
  let tip = replay.onto;
  let count = 0;
  for (const commit of commits) {
    const subject = await read(git, scratch, ["log", "-1", "--format=%h %s", commit]);
    const parent = await parentOf(git, scratch, commit);
    if (parent === tip) {
      tip = commit;
      count += 1;
      scratch.onLog(`${subject}\n`);
      continue;
    }
    const tree = await mergeTrees(git, scratch, { base: parent, ours: tip, theirs: commit, what: subject });
    if (tree === (await treeOf(git, scratch, tip))) {
      scratch.onLog(`${subject} (is there already)\n`);
      continue;
    }
    tip = await commitAgain(git, scratch, { commit, tree, parent: tip, identity: replay.identity });
    count += 1;
    scratch.onLog(`${subject}\n`);
  }
  return { commit: tip, count };
}

/** The tree of `onto` with all of the work merged in. */
export async function mergeWork(git: Git, scratch: Scratch, replay: Replay): Promise<string> {
  const answer = await git.run(["merge-base", replay.onto, replay.head], { ...placeOf(scratch), allowExit: [1] });
  const base = answer.stdout.trim() || replay.base;
  return mergeTrees(git, scratch, { base, ours: replay.onto, theirs: replay.head, what: "the work" });
}

/** Makes a commit, by the user, of a tree. */
export async function commitTree(
  git: Git,
  scratch: Scratch,
  order: {
    tree: string;
    parent: string;
    message: string;
    identity: Replay["identity"];
    author?: Record<string, string>;
  },
): Promise<string> {
  const { name, email } = order.identity;
  const env = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    ...order.author,
  };
  const args = ["commit-tree", "--no-gpg-sign", "-p", order.parent, order.tree];
  return (await git.run(args, { ...placeOf(scratch), env, input: order.message })).stdout.trim();
}

export async function treeOf(git: Git, scratch: Scratch, commit: string): Promise<string> {
  return read(git, scratch, ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]);
}

async function commitAgain(
  git: Git,
  scratch: Scratch,
  order: { commit: string; tree: string; parent: string; identity: Replay["identity"] },
): Promise<string> {
  const { commit, ...rest } = order;
  const format = "--format=%an%x00%ae%x00%ad%x00%B";
  const text = (await git.run(["log", "-1", "--date=raw", format, commit], placeOf(scratch))).stdout;
  const [name = "", email = "", date = "", message = ""] = text.split("\0");
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
  return commitTree(git, scratch, { ...rest, message: message.trimEnd() + "\n", author });
}

/**
 * Three-way merge of trees without a work tree: what differs from `base` in `theirs` is brought to `ours`. Made of
 * commits of our own, as this git's merge-tree finds its base only in a history. Throws `work.conflicts`.
 */
async function mergeTrees(
  git: Git,
  scratch: Scratch,
  merge: { base: string | null; ours: string; theirs: string; what: string },
): Promise<string> {
  const nobody = { name: "Background Agents", email: "agents@localhost" };
  const make = async (from: string | null, parent: string | null): Promise<string> => {
    const tree = from === null ? await emptyTree(git, scratch) : await treeOf(git, scratch, from);
    if (parent !== null) return commitTree(git, scratch, { tree, parent, message: "merge\n", identity: nobody });
    const who = { GIT_AUTHOR_NAME: nobody.name, GIT_AUTHOR_EMAIL: nobody.email };
    const env = { ...who, GIT_COMMITTER_NAME: nobody.name, GIT_COMMITTER_EMAIL: nobody.email };
    const options = { ...placeOf(scratch), env, input: "merge\n" };
    return (await git.run(["commit-tree", "--no-gpg-sign", tree], options)).stdout.trim();
  };
  const base = await make(merge.base, null);
  const [ours, theirs] = [await make(merge.ours, base), await make(merge.theirs, base)];
  const { stdout, exitCode } = await git.run(
    ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs],
    { ...placeOf(scratch), allowExit: [1] },
  );
  const [tree = "", ...files] = stdout.split("\0").filter(Boolean);
  if (exitCode === 0) return tree;
  const names = files.slice(0, NAMED_FILES).join(", ");
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : "";
  throw new AppError("work.conflicts", `Applying ${merge.what} stops at ${names}${more}: nothing was changed.`, {
    details: { files, advice: "Update the session onto your branch first: the agent can resolve it there." },
  });
}

async function parentOf(git: Git, scratch: Scratch, commit: string): Promise<string | null> {
  const parents = await read(git, scratch, ["log", "-1", "--format=%P", commit]);
  return parents.split(" ")[0] || null;
}

async function emptyTree(git: Git, scratch: Scratch): Promise<string> {
  return (await git.run(["mktree"], { ...placeOf(scratch), input: "" })).stdout.trim();
}

async function read(git: Git, scratch: Scratch, args: string[]): Promise<string> {
  return (await git.run(args, placeOf(scratch))).stdout.trim();
}

function placeOf(scratch: Scratch) {
  return { gitDir: scratch.gitDir, signal: scratch.signal };
}
