import type { RepositoryId } from "@background-agents/shared/ids";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Clock } from "../lib/clock.ts";
import { createGit } from "../lib/git-process.ts";
import type { Log } from "../lib/logger.ts";
import { createMirrors, type SessionBase } from "./mirror.ts";
import { createPublisher } from "./publish.ts";
import { createQuarantine } from "./quarantine.ts";
import { createRepositoryFinder } from "./repository-finder.ts";
import { createRepositoryService } from "./repository-service.ts";
import { createRepositoryStore } from "./repository-store.ts";

/** The room's parts, wired: the user's repositories, their mirrors, what came out of sandboxes, and the way back. */
export function createRepositories(deps: {
  db: Database;
  config: Pick<Config, "dataDir" | "reposDir">;
  clock: Clock;
  log: Log;
  isInUse: (repositoryId: RepositoryId) => boolean;
}) {
  const { clock } = deps;
  const { dataDir, reposDir } = deps.config;
  const git = createGit();
  const mirrors = createMirrors({ git, dataDir });
  const service = createRepositoryService({
    store: createRepositoryStore({ db: deps.db }),
    finder: createRepositoryFinder({ reposDir, clock }),
    git,
    reposDir,
    clock,
    isInUse: deps.isInUse,
    onRemoved: (id) => mirrors.remove(id),
  });
  return {
    service,
    mirrors,
    quarantine: createQuarantine({ git, dataDir, mirrors }),
    publisher: createPublisher({ git }),
    ensureMirrorPath: (session: SessionBase) => mirrors.ensurePath(session),
  };
}
