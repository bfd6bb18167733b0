import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { CommitId, type ChangedFile } from "@background-agents/shared/sessions/session";
import type { Git } from "../lib/git-process.ts";
import { ensureBorrowing, removeAtOnce } from "./borrowing-repository.ts";
import { movePacks, receiveBundle, refused, refuseOnFailure, type ImportLimits } from "./bundle-import.ts";
import { listChanges } from "./object-diff.ts";
import { requireSound } from "./require-sound.ts";

/** What the agent wants to push. */
export interface PushBundle {
  sessionId: SessionId;
  repositoryId: RepositoryId;
  commit: string;
  baseCommit: string;
  /** An empty stream where the commit is known already. */
  bundle: Readable;
}

/** A commit that was checked and waits for a decision. */
export interface HeldPush {
  /** A bare repository that has it, and all that the session's own has. */
  gitDir: string;
  /** Makes it part of the session's own repository. */
  keep(): Promise<void>;
  /** For the end of whatever came of it, once: what was not kept goes when nobody else holds it. */
  release(): Promise<void>;
}

/**
 * Pushes by agents until they are allowed: each in a repository of its own, which borrows from the session's. An agent
 * can ask to push as much and as often as it likes; what nobody allows leaves nothing behind.
 */
export function createHeldPushes(deps: {
  git: Git;
  limits: ImportLimits;
  /** One at a time for each session, with all other imports. */
  exclusively: <T>(sessionId: SessionId, task: () => Promise<T>) => Promise<T>;
  /** Where things of a session are kept, and its own repository in there. */
  directoryOf: (sessionId: SessionId) => string;
  gitDirOf: (sessionId: SessionId) => string;
  /** Makes the session's own repository where it is not there yet. */
  make: (sessionId: SessionId, repositoryId: RepositoryId) => Promise<void>;
  /** Throws where no more is to be kept of the session. */
  requireRoom: (sessionId: SessionId) => Promise<void>;
  config: string;
  remember: (range: { sessionId: SessionId; from: string; to: string }, files: ChangedFile[]) => void;
}) {
  const { git, limits, exclusively, gitDirOf } = deps;
  /** How many hold it, by directory. */
  const holders = new Map<string, number>();
  const parentOf = (sessionId: SessionId) => join(deps.directoryOf(sessionId), "pushes");

  /** What a server that was killed left behind. */
  async function dropUnheld(sessionId: SessionId): Promise<void> {
    const parent = parentOf(sessionId);
    for (const name of existsSync(parent) ? await readdir(parent) : []) {
      const path = join(parent, name);
      if (!holders.has(path)) await rm(path, { recursive: true, force: true });
    }
  }

  async function letGo(gitDir: string): Promise<void> {
    const others = (holders.get(gitDir) ?? 1) - 1;
    if (others > 0) return void holders.set(gitDir, others);
    holders.delete(gitDir);
    await removeAtOnce(gitDir);
  }

  async function takeIn(push: PushBundle, gitDir: string): Promise<void> {
    const { sessionId, commit, baseCommit } = push;
    const incomingDir = join(deps.directoryOf(sessionId), "incoming");
    try {
      const incoming = await receiveBundle({ git, limits, gitDir, incomingDir }, push.bundle, commit);
      await requireSound({ git, limits, gitDir }, incoming, { commit, baseCommit });
      const listing = listChanges(git, { gitDir, env: incoming.env, from: baseCommit, to: commit });
      const files = await refuseOnFailure("its changes cannot be computed", listing);
      await incoming.accept();
      deps.remember({ sessionId, from: baseCommit, to: commit }, files);
      await git.run(["update-ref", "--no-deref", refOf(commit), commit], { gitDir });
    } finally {
      await rm(incomingDir, { recursive: true, force: true });
    }
  }

  async function keep(sessionId: SessionId, { gitDir, commit }: { gitDir: string; commit: string }): Promise<void> {
    const own = gitDirOf(sessionId);
    await movePacks(join(gitDir, "objects", "pack"), join(own, "objects", "pack"));
    await git.run(["update-ref", "--no-deref", refOf(commit), commit], { gitDir: own });
  }

  return {
    /**
     * Takes a push in, with all checks. The same commit asked for twice is held once. Throws `checkpoint.refused`, or
     * what `requireRoom` throws.
     */
    hold(push: PushBundle): Promise<HeldPush> {
      const { sessionId, commit } = push;
      return exclusively(sessionId, async () => {
        if (!CommitId.safeParse(commit).success) throw refused("the announced commit is not a commit id");
        const gitDir = join(parentOf(sessionId), `${commit}.git`);
        await dropUnheld(sessionId);
        // Before anything is read: what nobody allows takes room all the same until it is decided.
        await deps.requireRoom(sessionId);
        await deps.make(sessionId, push.repositoryId);
        holders.set(gitDir, (holders.get(gitDir) ?? 0) + 1);
        try {
          await ensureBorrowing(git, gitDir, { from: gitDirOf(sessionId), config: deps.config });
          await takeIn(push, gitDir);
        } catch (error) {
          await letGo(gitDir);
          throw error;
        }
        return {
          gitDir,
          keep: () => exclusively(sessionId, () => keep(sessionId, { gitDir, commit })),
          release: () => exclusively(sessionId, () => letGo(gitDir)),
        };
      });
    },

    /** The repositories of what is held for a session now. */
    listPlaces: (sessionId: SessionId): string[] =>
      [...holders.keys()].filter((path) => path.startsWith(`${parentOf(sessionId)}/`)),

    /** At start: removes what waited when the server was killed. Commands that still wait send it again. */
    dropUnheld: (sessionId: SessionId): Promise<void> => exclusively(sessionId, () => dropUnheld(sessionId)),
  };
}

const refOf = (commit: string): string => `refs/agent-push/${commit}`;
