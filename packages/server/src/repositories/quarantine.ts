import { createReadStream, existsSync } from "node:fs";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { CheckpointId, RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { ChangeCounts } from "@background-agents/shared/sessions/session";
import { CommitId } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import {
  DEFAULT_IMPORT_LIMITS,
  receiveBundle,
  refused,
  refuseOnFailure,
  type ImportLimits,
  type IncomingObjects,
} from "./bundle-import.ts";
import { findRef } from "./git-refs.ts";
import type { Mirrors } from "./mirror.ts";
import { countChanges, listChanges } from "./object-diff.ts";
import { receiveFile } from "./receive-file.ts";
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
}) {
  const { git } = deps;
  const limits = { ...DEFAULT_QUARANTINE_LIMITS, ...deps.limits };
  const exclusively = createKeyedMutex();
  const directoryOf = (sessionId: SessionId) => join(deps.dataDir, "quarantine", sessionId);
  const gitDirOf = (sessionId: SessionId) => join(directoryOf(sessionId), "repository.git");
  const objects = createSessionObjects({
    git,
    limits,
    listPlaces: ({ sessionId, repositoryId }) => [
      gitDirOf(sessionId),
      ...(repositoryId === undefined ? [] : [deps.mirrors.path(repositoryId)]),
    ],
  });
  const conversationOf = (sessionId: SessionId, checkpointId: CheckpointId) =>
    join(directoryOf(sessionId), "conversations", `${checkpointId}.json`);

  async function make(gitDir: string, repositoryId: RepositoryId): Promise<void> {
    if (!existsSync(join(gitDir, "objects", "info", "alternates"))) {
      await mkdir(gitDir, { recursive: true });
      await git.run(["init", "--quiet", "--bare", "--template=", "-b", "main", gitDir]);
      await appendFile(join(gitDir, "config"), QUARANTINE_CONFIG);
    }
    const alternates = join(deps.mirrors.path(repositoryId), "objects");
    await writeFile(join(gitDir, "objects", "info", "alternates"), `${alternates}\n`);
  }

  /** The checks that need the unpacked objects: the commit is there, whole, and of a size that can be handled. */
  async function examine(
    request: BundleImport,
    gitDir: string,
    incoming: IncomingObjects,
  ): Promise<ImportedCheckpoint> {
    const { commit, baseCommit, previousCommit } = request;
    const { env } = incoming;
    const place = { gitDir, env, deadlineMs: limits.stepMs };
    const type = await git.run(["cat-file", "-t", commit], { ...place, allowExit: [128] });
    if (type.stdout.trim() !== "commit") throw refused(`the commit ${commit} is not known here and was not sent`);

    const known = ["--not", "--all", baseCommit, ...incoming.prerequisites];
    const walk = git.run(["rev-list", "--objects", "--quiet", commit, ...known, "--"], place);
    await refuseOnFailure("its history has holes", walk);
    await refuseOnFailure("its tree cannot be read", requireFewPaths(commit, place));

    const range = { gitDir, env, to: commit };
    const counting = Promise.all([
      listChanges(git, { ...range, from: baseCommit }),
      listChanges(git, { ...range, from: previousCommit }),
    ]);
    const [changes, turn] = await refuseOnFailure("its changes cannot be computed", counting);
    const ancestry = await git.run(["merge-base", "--is-ancestor", baseCommit, commit], { ...place, allowExit: [1] });
    const notices =
      ancestry.exitCode === 0
        ? []
        : ["The agent's branch no longer contains the commit that the session started from (rebased or begun anew)."];
    return { commit, changes: countChanges(changes), turn: countChanges(turn), notices };
  }

  /** Trees that name each other many times over fit in a few bytes and unpack to billions of files. */
  async function requireFewPaths(
    commit: string,
    place: { gitDir: string; env: Record<string, string> },
  ): Promise<void> {
    let paths = 0;
    await git.stream(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit], {
      ...place,
      onOutput: (chunk) => {
        for (const byte of chunk) if (byte === 0) paths += 1;
        return paths > limits.paths ? "stop" : undefined;
      },
    });
    if (paths > limits.paths) throw refused(`its tree has more than ${limits.paths} files`);
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
        await make(gitDir, request.repositoryId);
        try {
          const incoming = await receiveBundle({ git, limits, gitDir, incomingDir }, request.bundle, commit);
          const earlier = await findRef(git, { gitDir }, ref);
          if (earlier !== undefined && earlier !== commit) throw refused(`${checkpointId} is ${earlier} already`);
          const checkpoint = await examine(request, gitDir, incoming);
          await incoming.accept();
          await git.run(["update-ref", "--no-deref", ref, commit], { gitDir });
          return checkpoint;
        } finally {
          await rm(incomingDir, { recursive: true, force: true });
        }
      });
    },

    /** Keeps the agent's conversation as of a checkpoint: the JSON that the agent exports, byte for byte. */
    async saveConversation(sessionId: SessionId, checkpointId: CheckpointId, source: Readable): Promise<void> {
      const path = conversationOf(sessionId, checkpointId);
      await mkdir(join(path, ".."), { recursive: true });
      await receiveFile(source, path, { bytes: limits.conversationBytes, idleMs: limits.idleMs });
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

    /** What the session's commits hold; see {@link createSessionObjects}. */
    changes: objects.changes,
    diff: objects.diff,
    content: objects.content,

    /** Deletes all that is kept of a session here, conversations included. */
    remove(sessionId: SessionId): Promise<void> {
      return exclusively(sessionId, () => rm(directoryOf(sessionId), { recursive: true, force: true }));
    },
  };
}
