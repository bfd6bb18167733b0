import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RepositoryId } from "@background-agents/shared/ids";
import { openDatabase } from "../../db/database.ts";
import { systemClock } from "../../lib/clock.ts";
import { createGit } from "../../lib/git-process.ts";
import { createCopiedFiles } from "../copied-files.ts";
import { createRepositoryFinder } from "../repository-finder.ts";
import { createRepositoryService } from "../repository-service.ts";
import { createRepositoryStore } from "../repository-store.ts";
import { makeTempDir } from "./git-fixture.ts";

/** A REPOS_DIR, a home directory without configuration, a database, and services on them. */
export function makeServiceWorld() {
  const temp = makeTempDir();
  const code = join(temp.dir, "code");
  mkdirSync(code);
  const db = openDatabase(":memory:");
  const inUse = new Set<RepositoryId>();
  const removed: RepositoryId[] = [];

  return {
    temp,
    code,
    inUse,
    removed,

    /** The service as after a start of the server, on the same database. */
    start(env: Record<string, string> = {}) {
      const store = createRepositoryStore({ db });
      const git = createGit({ env: { PATH: process.env["PATH"], HOME: temp.dir, ...env } });
      return createRepositoryService({
        store,
        copiedFiles: createCopiedFiles({ git, store }),
        finder: createRepositoryFinder({ reposDir: code, clock: systemClock, cacheMs: 0 }),
        git,
        reposDir: code,
        clock: systemClock,
        isInUse: (id) => inUse.has(id),
        onRemoved: (id) => {
          removed.push(id);
          return Promise.resolve();
        },
      });
    },

    end(): void {
      db.close();
      temp.remove();
    },
  };
}
