import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { copyIndex } from "./copy-index.ts";
import type { Git } from "./git-process.ts";
import { readSaved } from "./saved-commit.ts";
import { stageEverything } from "./stage-everything.ts";

export interface LiveSnapshotsOrder {
  tree: string;
  git: Git;
  /** Where all that is made here is kept; made when first needed. */
  scratch: string;
  /** Commits that the server has. */
  base: string;
  identity: { name: string; email: string };
  /** Most new file data, in bytes, that is shown: larger files wait for the end of the turn. */
  limitBytes: number;
}

export interface LiveSnapshot {
  commit: string;
  /** Holds what the server does not have of the commit. */
  bundle: string;
}

/**
 * Takes the working tree as it is while the agent works in it. Index, objects and refs of these snapshots live in a
 * scratch repository, so the agent's own is read and never written: nothing here is in anybody's way.
 */
export function createLiveSnapshots(order: LiveSnapshotsOrder) {
  const { tree, git, scratch, base, identity } = order;
  const store = join(scratch, "live.git");
  const index = join(scratch, "index");
  let opened: Promise<string> | undefined;
  /** The tree that was shown last, and the commit it was shown as; undefined while nothing was. */
  let shown: { treeId: string; commit: string } | undefined;
  let taken: { treeId: string; commit: string } | undefined;
  /** Something may have been shown that is not what we think. */
  let isDoubtful = false;

  async function open(): Promise<string> {
    const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim();
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    await git(["init", "--quiet", "--bare", "--template=", store]);
    await writeFile(join(store, "objects", "info", "alternates"), `${join(gitDir, "objects")}\n`);
    return gitDir;
  }

  async function writeTree(gitDir: string): Promise<string> {
    await rm(index, { force: true });
    await copyIndex(join(gitDir, "index"), index);
    const env = {
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: join(store, "objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDir, "objects"),
    };
    await stageEverything({ tree, git, env, base, limitBytes: order.limitBytes });
    return (await git(["write-tree"], { env })).stdout.trim();
  }

  async function bundle(treeId: string): Promise<LiveSnapshot> {
    const head = (await git(["rev-parse", "--verify", "HEAD^{commit}"])).stdout.trim();
    const at = ["--git-dir", store];
    const parents = [head, ...(shown && shown.commit !== head ? [shown.commit] : [])];
    const made = await git([...at, "commit-tree", treeId, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"], {
      input: "The working tree while the agent works\n",
      env: {
        GIT_AUTHOR_NAME: identity.name,
        GIT_AUTHOR_EMAIL: identity.email,
        GIT_COMMITTER_NAME: identity.name,
        GIT_COMMITTER_EMAIL: identity.email,
      },
    });
    const commit = made.stdout.trim();
    const saved = await readSaved(git);
    const known = [base, ...(saved === undefined ? [] : [saved]), ...(shown ? [shown.commit] : [])];
    const file = join(scratch, "live.bundle");
    await git([...at, "update-ref", BUNDLE_REF, commit]);
    await git([...at, "bundle", "create", "--quiet", file, BUNDLE_REF, ...known.map((one) => `^${one}`)]);
    taken = { treeId, commit };
    return { commit, bundle: file };
  }

  async function savedTree(): Promise<string> {
    const commit = (await readSaved(git)) ?? base;
    return (await git(["rev-parse", `${commit}^{tree}`])).stdout.trim();
  }

  return {
    /** The tree as it is now; undefined where it is as it was when it was last shown (first: as it was saved). */
    async take(): Promise<LiveSnapshot | undefined> {
      opened ??= open();
      const gitDir = await opened.catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      const treeId = await writeTree(gitDir);
      return !isDoubtful && treeId === (shown?.treeId ?? (await savedTree())) ? undefined : bundle(treeId);
    },

    /** The server took what was taken last; what comes next builds on it. Not told: it begins anew. */
    tell(isShown: boolean): void {
      shown = isShown ? taken : undefined;
      isDoubtful = !isShown;
    },
  };
}

export type LiveSnapshots = ReturnType<typeof createLiveSnapshots>;
