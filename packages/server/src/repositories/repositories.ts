import { join } from "node:path";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Clock } from "../lib/clock.ts";
import { createGit } from "../lib/git-process.ts";
import type { Log } from "../lib/logger.ts";
import { createCheckpointWriter } from "./checkpoint-writer.ts";
import { compareCommits } from "./compare-commits.ts";
import { createCopiedFiles } from "./copied-files.ts";
import { findCollisions, type Collisions } from "./find-collisions.ts";
import { findMovedBase } from "./find-moved-base.ts";
import { createMirrors, type SessionBase } from "./mirror.ts";
import { createPublisher } from "./publish.ts";
import { createQuarantine } from "./quarantine.ts";
import { createRepositoryFinder } from "./repository-finder.ts";
import { createRepositoryService } from "./repository-service.ts";
import { createRepositoryStore } from "./repository-store.ts";

export type Repositories = ReturnType<typeof createRepositories>;

interface SessionCommit {
  sessionId: SessionId;
  commit: string;
}

/** The room's parts, wired: the user's repositories, their mirrors, what came out of sandboxes, and the way back. */
export function createRepositories(deps: {
  db: Database;
  config: Pick<Config, "dataDir" | "reposDir">;
  clock: Clock;
  log: Log;
  isInUse: (repositoryId: RepositoryId) => boolean;
  /** What other rooms kept for it can go. */
  onRemoved?: (repositoryId: RepositoryId) => void;
  /** Throws where no more is to be kept of what the session's sandbox sends. */
  requireRoom?: (sessionId: SessionId) => Promise<void>;
}) {
  const { clock } = deps;
  const { dataDir, reposDir } = deps.config;
  const git = createGit();
  const mirrors = createMirrors({ git, dataDir });
  const store = createRepositoryStore({ db: deps.db });
  const copiedFiles = createCopiedFiles({ git, store });
  const quarantine = createQuarantine({ git, dataDir, mirrors, requireRoom: deps.requireRoom });
  const service = createRepositoryService({
    store,
    copiedFiles,
    finder: createRepositoryFinder({ reposDir, clock }),
    git,
    reposDir,
    clock,
    isInUse: deps.isInUse,
    onRemoved: async (id) => {
      deps.onRemoved?.(id);
      await mirrors.remove(id);
    },
  });
  return {
    service,
    mirrors,
    quarantine,
    writer: createCheckpointWriter({ git, quarantine }),
    copiedFiles,
    findMovedBase: (session: SessionBase, commit: string) =>
      findMovedBase({ git, mirrors, quarantine }, session, commit),
    compareCommits: (gitDir: string, sides: { ours: string; theirs: string }) => compareCommits(git, gitDir, sides),
    publisher: createPublisher({ git }),
    /** Where two sessions' work touches the same lines. */
    findCollisions(repositoryId: RepositoryId, ours: SessionCommit, theirs: SessionCommit): Promise<Collisions> {
      const places = [quarantine.path(ours.sessionId), quarantine.path(theirs.sessionId), mirrors.path(repositoryId)];
      const objectDirs = places.map((gitDir) => join(gitDir, "objects"));
      return findCollisions(git, objectDirs, { ours: ours.commit, theirs: theirs.commit });
    },
    ensureMirrorPath: (session: SessionBase) => mirrors.ensurePath(session),
    /** Whether the commit that the session began at has the file. */
    async hasFile(session: SessionBase, path: string): Promise<boolean> {
      const gitDir = await mirrors.ensurePath(session);
      const args = ["ls-tree", "--full-tree", "--end-of-options", session.baseCommit, "--", path];
      return (await git.run(args, { gitDir })).stdout !== "";
    },
  };
}
