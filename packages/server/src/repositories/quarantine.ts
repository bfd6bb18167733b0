import { createReadStream, existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { CheckpointId, RepositoryId, SessionId, TurnId } from "@background-agents/shared/ids";
import type { ChangeCounts } from "@background-agents/shared/sessions/session";
import { CommitId } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { ensureBorrowing, removeAtOnce } from "./borrowing-repository.ts";
import {
  DEFAULT_IMPORT_LIMITS,
  receiveBundle,
  refused,
  refuseOnFailure,
  type ImportLimits,
  type IncomingObjects,
} from "./bundle-import.ts";
import { findRef, listRefs } from "./git-refs.ts";
import { createHeldPushes } from "./held-pushes.ts";
import type { Mirrors } from "./mirror.ts";
import { countChanges, listChanges } from "./object-diff.ts";
import { receiveFile } from "./receive-file.ts";
import { requireSound } from "./require-sound.ts";
import { createSessionObjects, type ReadLimits } from "./session-objects.ts";

export interface QuarantineLimits extends ImportLimits, ReadLimits {
  conversationBytes: number;
}

export const DEFAULT_QUARANTINE_LIMITS: QuarantineLimits = {
  ...DEFAULT_IMPORT_LIMITS,
  conversationBytes: 256 * 1024 ** 2,
  diffBytes: 5 * 1024 ** 2,
  fileDiffBytes: 20 * 1024 ** 2,
  contentBytes: 25 * 1024 ** 2,
};

/** Whatever was acknowledged survives a power cut. */
const QUARANTINE_CONFIG = `[core]
	fsync = all
	logAllRefUpdates = false
`;

const LIVE_REFS = "refs/live/";

export interface BundleImport {
  sessionId: SessionId;
  repositoryId: RepositoryId;
  checkpointId: CheckpointId;
  /** What the supervisor says the bundle's head is. */
  commit: string;
  baseCommit: string;
  /** The last checkpoint's commit, or the base. */
  previousCommit: string;
  /** Null, or an empty stream, where the commit is known already. */
  bundle: Readable | null;
}

export interface ImportedCheckpoint {
  commit: string;
  /** Base to commit. */
  changes: ChangeCounts;
  /** Previous commit to commit. */
  turn: ChangeCounts;
  /** Things the user should know, one sentence each. */
  notices: string[];
}

/** The working tree of a running turn, as a commit that nothing else refers to. */
export interface LiveImport {
  sessionId: SessionId;
  repositoryId: RepositoryId;
  turnId: TurnId;
  commit: string;
  baseCommit: string;
  bundle: Readable;
}

export interface KeptConversation {
  sessionId: SessionId;
  checkpointId: CheckpointId;
}

export type Quarantine = ReturnType<typeof createQuarantine>;

/**
 * What came out of sandboxes: one bare repository a session, which borrows from the repository's mirror and from nothing
 * else, so that no bundle can pull in an object the session was not given. Nothing is ever checked out of it.
 */
export function createQuarantine(deps: {
  git: Git;
  dataDir: string;
  mirrors: Pick<Mirrors, "path">;
  limits?: Partial<QuarantineLimits>;
  /** Throws where no more is to be kept of the session; asked before anything of an upload is read. */
  requireRoom?: ((sessionId: SessionId) => Promise<void>) | undefined;
}) {
  const { git } = deps;
  const limits = { ...DEFAULT_QUARANTINE_LIMITS, ...deps.limits };
  const exclusively = createKeyedMutex();
  const directoryOf = (sessionId: SessionId) => join(deps.dataDir, "quarantine", sessionId);
  const gitDirOf = (sessionId: SessionId) => join(directoryOf(sessionId), "repository.git");
  /** What a running turn shows; borrows from the session's own, and goes with the turn. */
  const liveDirOf = (sessionId: SessionId) => join(directoryOf(sessionId), "live.git");
  const requireRoom = async (sessionId: SessionId): Promise<void> => deps.requireRoom?.(sessionId);

  const pushes = createHeldPushes({
    ...{ git, limits, exclusively, directoryOf, gitDirOf, requireRoom, config: QUARANTINE_CONFIG },
    make: (sessionId, repositoryId) => make(gitDirOf(sessionId), repositoryId),
    remember: (range, files) => objects.remember(range, files),
  });
  const objects = createSessionObjects({
    git,
    limits,
    listPlaces: ({ sessionId, repositoryId }) => [
      gitDirOf(sessionId),
      liveDirOf(sessionId),
      ...pushes.listPlaces(sessionId),
      ...(repositoryId === undefined ? [] : [deps.mirrors.path(repositoryId)]),
    ],
  });
  const conversationOf = (sessionId: SessionId, checkpointId: CheckpointId) =>
    join(directoryOf(sessionId), "conversations", `${checkpointId}.json`);

  /** What a turn showed while it ran stands behind its checkpoint. */
  async function makeRoom(sessionId: SessionId): Promise<void> {
    try {
      await requireRoom(sessionId);
    } catch (error) {
      if (!existsSync(liveDirOf(sessionId))) throw error;
      await removeAtOnce(liveDirOf(sessionId));
      await requireRoom(sessionId);
    }
  }

  const make = (gitDir: string, repositoryId: RepositoryId) =>
    ensureBorrowing(git, gitDir, { from: deps.mirrors.path(repositoryId), config: QUARANTINE_CONFIG });

  /** What the checkpoint changed, once it is found to be sound. */
  async function examine(
    request: BundleImport,
    gitDir: string,
    incoming: IncomingObjects,
  ): Promise<ImportedCheckpoint> {
    const { commit, baseCommit, previousCommit } = request;
    await requireSound({ git, limits, gitDir }, incoming, { commit, baseCommit });
    const place = { gitDir, env: incoming.env, to: commit };
    const listing = listChanges(git, { ...place, from: baseCommit });
    const counting = Promise.all([
      listing,
      previousCommit === baseCommit ? listing : listChanges(git, { ...place, from: previousCommit }),
    ]);
    const [changes, turn] = await refuseOnFailure("its changes cannot be computed", counting);
    objects.remember({ sessionId: request.sessionId, from: baseCommit, to: commit }, changes);
    objects.remember({ sessionId: request.sessionId, from: previousCommit, to: commit }, turn);
    const ancestry = await git.run(["merge-base", "--is-ancestor", baseCommit, commit], {
      ...{ gitDir, env: incoming.env, deadlineMs: limits.stepMs },
      allowExit: [1],
    });
    const notices =
      ancestry.exitCode === 0
        ? []
        : ["The agent's branch no longer contains the commit that the session started from (rebased or begun anew)."];
    return { commit, changes: countChanges(changes), turn: countChanges(turn), notices };
  }

  return {
    /** The session's bare repository; there only after its first import. */
    path: gitDirOf,

    /**
     * Takes a checkpoint in, all or nothing. The same checkpoint sent again gives the same answer.
     * Throws `checkpoint.refused` with the reason.
     */
    importBundle(request: BundleImport): Promise<ImportedCheckpoint> {
      const { sessionId, checkpointId, commit } = request;
      return exclusively(sessionId, async () => {
        const gitDir = gitDirOf(sessionId);
        const incomingDir = join(directoryOf(sessionId), "incoming");
        const ref = `refs/checkpoints/${checkpointId}`;
        if (!CommitId.safeParse(commit).success) throw refused("the announced commit is not a commit id");
        if (request.bundle) await makeRoom(sessionId);
        await make(gitDir, request.repositoryId);
        try {
          const incoming = await receiveBundle({ git, limits, gitDir, incomingDir }, request.bundle, commit);
          const earlier = await findRef(git, { gitDir }, ref);
          if (earlier !== undefined && earlier !== commit) throw refused(`${ref} is ${earlier} already`);
          const checkpoint = await examine(request, gitDir, incoming);
          await incoming.accept();
          await git.run(["update-ref", "--no-deref", ref, commit], { gitDir });
          return checkpoint;
        } finally {
          await rm(incomingDir, { recursive: true, force: true });
        }
      });
    },

    /**
     * Takes the working tree of a running turn in, in place of the one before. It is no checkpoint: nothing of it stays
     * when the turn is over. Answers what it changes since the base; throws `checkpoint.refused` with the reason.
     */
    importLive(request: LiveImport): Promise<ChangeCounts> {
      const { sessionId, turnId, commit, baseCommit } = request;
      return exclusively(sessionId, async () => {
        const gitDir = liveDirOf(sessionId);
        const incomingDir = join(directoryOf(sessionId), "incoming");
        await requireRoom(sessionId);
        const known = existsSync(gitDir) ? await listRefs(git, { gitDir }, LIVE_REFS) : new Map<string, string>();
        if (known.size > 0 && !known.has(`${LIVE_REFS}${turnId}`)) await removeAtOnce(gitDir);
        await make(gitDirOf(sessionId), request.repositoryId);
        await ensureBorrowing(git, gitDir, { from: gitDirOf(sessionId), config: "" });
        try {
          const incoming = await receiveBundle({ git, limits, gitDir, incomingDir }, request.bundle, commit);
          await requireSound({ git, limits, gitDir }, incoming, { commit, baseCommit });
          const listing = listChanges(git, { gitDir, env: incoming.env, from: baseCommit, to: commit });
          const files = await refuseOnFailure("its changes cannot be computed", listing);
          await incoming.accept();
          objects.remember({ sessionId, from: baseCommit, to: commit }, files);
          await git.run(["update-ref", "--no-deref", `${LIVE_REFS}${turnId}`, commit], { gitDir });
          return countChanges(files);
        } finally {
          await rm(incomingDir, { recursive: true, force: true });
        }
      });
    },

    /** What the running turn last showed; undefined where it showed nothing. */
    async findLive(sessionId: SessionId): Promise<{ turnId: TurnId; commit: string } | undefined> {
      const gitDir = liveDirOf(sessionId);
      if (!existsSync(gitDir)) return undefined;
      const [live] = await listRefs(git, { gitDir }, LIVE_REFS);
      return live && { turnId: live[0].slice(LIVE_REFS.length) as TurnId, commit: live[1] };
    },

    /** Lets go of what a turn showed while it ran; another turn's is left alone. */
    removeLive(sessionId: SessionId, turnId: TurnId): Promise<void> {
      return exclusively(sessionId, async () => {
        const gitDir = liveDirOf(sessionId);
        if (!existsSync(gitDir)) return;
        const found = await findRef(git, { gitDir }, `${LIVE_REFS}${turnId}`);
        if (found !== undefined) await removeAtOnce(gitDir);
      });
    },

    /** The session's bare repository, made where it is not there yet. */
    ensurePath(sessionId: SessionId, repositoryId: RepositoryId): Promise<string> {
      return exclusively(sessionId, async () => {
        await make(gitDirOf(sessionId), repositoryId);
        return gitDirOf(sessionId);
      });
    },

    /** Gives a checkpoint of one session the conversation of another's; nothing happens where that was not kept. */
    async copyConversation(from: KeptConversation, to: KeptConversation): Promise<void> {
      const source = conversationOf(from.sessionId, from.checkpointId);
      const target = conversationOf(to.sessionId, to.checkpointId);
      if (!existsSync(source)) return;
      await mkdir(join(target, ".."), { recursive: true });
      const limit = { bytes: limits.conversationBytes, idleMs: limits.idleMs };
      await receiveFile(createReadStream(source), target, limit);
    },

    /** Keeps the agent's conversation as of a checkpoint: the JSON that the agent exports, byte for byte. */
    saveConversation(sessionId: SessionId, checkpointId: CheckpointId, source: Readable): Promise<void> {
      return exclusively(sessionId, async () => {
        await requireRoom(sessionId);
        const path = conversationOf(sessionId, checkpointId);
        await mkdir(join(path, ".."), { recursive: true });
        await receiveFile(source, path, { bytes: limits.conversationBytes, idleMs: limits.idleMs });
      });
    },

    /** A checkpoint's commits above the base as a bundle, for a sandbox that lost its tree. Throws `checkpoint.not-found`. */
    async openBundle(request: {
      sessionId: SessionId;
      checkpointId: CheckpointId;
      baseCommit: string;
    }): Promise<Readable> {
      const { sessionId, checkpointId, baseCommit } = request;
      const gitDir = gitDirOf(sessionId);
      if (!existsSync(gitDir)) throw new AppError("checkpoint.not-found", "The session has no checkpoint yet.");
      await objects.findPlace({ sessionId }, [baseCommit]);
      const path = join(directoryOf(sessionId), `${checkpointId}.${randomUUID()}.bundle`);
      const ref = `refs/checkpoints/${checkpointId}`;
      await git.run(["bundle", "create", "--quiet", path, ref, `^${baseCommit}`], { gitDir });
      const content = createReadStream(path);
      content.once("close", () => void rm(path, { force: true }));
      return content;
    },

    /** The kept conversation; undefined where there is none. */
    openConversation(sessionId: SessionId, checkpointId: CheckpointId): Readable | undefined {
      const path = conversationOf(sessionId, checkpointId);
      return existsSync(path) ? createReadStream(path) : undefined;
    },

    /** What the agent asks to push, in a place of its own until it is allowed; see {@link createHeldPushes}. */
    holdPush: pushes.hold,
    dropUnheldPushes: pushes.dropUnheld,

    /** What the session's commits hold; see {@link createSessionObjects}. */
    findPlace: objects.findPlace,
    changes: objects.changes,
    diff: objects.diff,
    content: objects.content,

    /** Deletes all that is kept of a session here, conversations included. */
    remove(sessionId: SessionId): Promise<void> {
      return exclusively(sessionId, () => rm(directoryOf(sessionId), { recursive: true, force: true }));
    },
  };
}
