import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckpointId, RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { ChangeCounts } from "@background-agents/shared/sessions/session";
import type { Git } from "../lib/git-process.ts";
import { discardInIndex, type DiscardedFile } from "./discard-in-index.ts";
import { countChanges, listChanges } from "./object-diff.ts";
import type { Quarantine } from "./quarantine.ts";
import { tryMerge } from "./try-merge.ts";

export interface Identity {
  name: string;
  email: string;
}

/** A checkpoint that is made here, from what the quarantine has. */
export interface WrittenCheckpoint {
  sessionId: SessionId;
  repositoryId: RepositoryId;
  checkpointId: CheckpointId;
  /** The commit it builds on. */
  head: string;
  identity: Identity;
  message: string;
}

export type CheckpointWriter = ReturnType<typeof createCheckpointWriter>;

/**
 * Makes checkpoints on the host: of a session's objects alone, in a scratch index, without any tree being checked out. A
 * commit that no event tells of in the end is an object that nothing refers to but its own ref.
 */
export function createCheckpointWriter(deps: { git: Git; quarantine: Pick<Quarantine, "ensurePath" | "path"> }) {
  const { git, quarantine } = deps;

  async function keep(gitDir: string, checkpointId: CheckpointId, commit: string): Promise<void> {
    await git.run(["update-ref", "--no-deref", `refs/checkpoints/${checkpointId}`, commit], { gitDir });
  }

  async function commitTree(gitDir: string, tree: string, made: WrittenCheckpoint & { parents: string[] }) {
    const { name, email } = made.identity;
    const parents = made.parents.flatMap((parent) => ["-p", parent]);
    const { stdout } = await git.run(["commit-tree", ...parents, "-F", "-", tree], {
      gitDir,
      input: made.message,
      env: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
    });
    return stdout.trim();
  }

  async function count(gitDir: string, from: string, to: string): Promise<ChangeCounts> {
    return countChanges(await listChanges(git, { gitDir, from, to }));
  }

  return {
    /** Totals between two commits of a session. */
    count: (sessionId: SessionId, from: string, to: string): Promise<ChangeCounts> =>
      count(quarantine.path(sessionId), from, to),

    /**
     * Takes changes since `from` back, on top of `head`; null where nothing of them is there any more. Throws
     * `file.not-found`, `work.conflicts`, and `request.invalid` for hunks of what has none.
     */
    async discard(made: WrittenCheckpoint & { from: string; files: DiscardedFile[] }): Promise<string | null> {
      const gitDir = await quarantine.ensurePath(made.sessionId, made.repositoryId);
      const scratch = await mkdtemp(join(tmpdir(), "background-agents-index-"));
      try {
        const env = { GIT_INDEX_FILE: join(scratch, "index") };
        const { from, head, files } = made;
        await git.run(["read-tree", head], { gitDir, env });
        await discardInIndex(git, { gitDir, env, from, head, files });
        const tree = (await git.run(["write-tree"], { gitDir, env })).stdout.trim();
        const before = (await git.run(["rev-parse", "--verify", `${head}^{tree}`], { gitDir })).stdout.trim();
        if (tree === before) return null;
        const commit = await commitTree(gitDir, tree, { ...made, parents: [head] });
        await keep(gitDir, made.checkpointId, commit);
        return commit;
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },

    /** Merges `tip` into `head`; the tip itself where the head has nothing of its own. Answers the files that conflict otherwise. */
    async merge(made: WrittenCheckpoint & { tip: string }): Promise<{ commit: string } | { conflicts: string[] }> {
      const gitDir = await quarantine.ensurePath(made.sessionId, made.repositoryId);
      const { head, tip, checkpointId } = made;
      const place = { gitDir, allowExit: [1] };
      const { exitCode } = await git.run(["merge-base", "--is-ancestor", head, tip], place);
      if (exitCode === 0) {
        await keep(gitDir, checkpointId, tip);
        return { commit: tip };
      }
      const merged = await tryMerge(git, { gitDir }, { ours: head, theirs: tip });
      if (!("tree" in merged)) return { conflicts: merged.conflicts };
      const commit = await commitTree(gitDir, merged.tree, { ...made, parents: [head, tip] });
      await keep(gitDir, checkpointId, commit);
      return { commit };
    },

    /** Brings a checkpoint of one session into the quarantine of another, with its history above the mirror. */
    async fork(
      from: { sessionId: SessionId; checkpointId: CheckpointId },
      to: { sessionId: SessionId; repositoryId: RepositoryId; checkpointId: CheckpointId },
    ): Promise<void> {
      const gitDir = await quarantine.ensurePath(to.sessionId, to.repositoryId);
      const refs = `refs/checkpoints/${from.checkpointId}:refs/checkpoints/${to.checkpointId}`;
      await git.run(
        [
          ...["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-prune"],
          ...["--no-recurse-submodules", "--refmap=", "--end-of-options", quarantine.path(from.sessionId), refs],
        ],
        { gitDir },
      );
    },

    /** The newest of `bases` (newest first) that the commit contains; the oldest where it contains none. */
    async findBase<T extends { commit: string }>(sessionId: SessionId, commit: string, bases: readonly T[]) {
      const gitDir = quarantine.path(sessionId);
      for (const base of bases.slice(0, -1)) {
        const args = ["merge-base", "--is-ancestor", base.commit, commit];
        if ((await git.run(args, { gitDir, allowExit: [1, 128] })).exitCode === 0) return base;
      }
      return bases.at(-1);
    },
  };
}
