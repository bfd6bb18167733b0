import { existsSync } from "node:fs";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { CommitId, type ChangedFile } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { createRecentValues } from "../lib/recent-values.ts";
import { readContent, type FileContent } from "./object-content.ts";
import { listChanges, readPatch, type PatchOptions } from "./object-diff.ts";
import { isTreePath } from "./tree-path.ts";

/** Whose objects are read. With the repository, its mirror is looked into as well. */
export interface ObjectsOf {
  sessionId: SessionId;
  repositoryId?: RepositoryId | undefined;
}

export interface CommitRange extends ObjectsOf {
  from: string;
  to: string;
}

export type DiffOptions = Pick<PatchOptions, "path" | "whitespace" | "context">;

export interface ReadLimits {
  /** A patch of all files is cut after so much. */
  diffBytes: number;
  /** So is the patch of one file. */
  fileDiffBytes: number;
  /** A larger file is not read. */
  contentBytes: number;
}

/** Lists of changed files that are kept: what two commits differ in never changes. */
const KEPT_LISTS = 32;
const KEPT_COMMITS = 10_000;

export type SessionObjects = ReturnType<typeof createSessionObjects>;

/**
 * Reads what sessions' commits hold, object against object. `listPlaces` names the bare repositories that may have the
 * commits, those first that are asked first. All of it throws `checkpoint.not-found` for commits that none of them has.
 */
export function createSessionObjects(deps: { git: Git; limits: ReadLimits; listPlaces: (of: ObjectsOf) => string[] }) {
  const { git, limits } = deps;
  const keptLists = createRecentValues<ChangedFile[]>(KEPT_LISTS);

  /** Commits found in their session's own repository: they stay there as long as it does. */
  const found = new Set<string>();

  async function findPlace(of: ObjectsOf, commits: string[]): Promise<string> {
    const [own = ""] = deps.listPlaces(of);
    const names = commits.map((commit) => `${own} ${commit}`);
    if (names.every((name) => found.has(name)) && existsSync(own)) return own;
    const place = await lookForPlace(of, commits);
    if (found.size > KEPT_COMMITS) found.clear();
    if (place === own) for (const name of names) found.add(name);
    return place;
  }

  async function lookForPlace(of: ObjectsOf, commits: string[]): Promise<string> {
    const places = deps.listPlaces(of).filter((gitDir) => existsSync(gitDir));
    if (places.length === 0) throw new AppError("checkpoint.not-found", "The session has no checkpoint yet.");
    const wanted = commits.filter((commit) => CommitId.safeParse(commit).success);
    let missing = commits.find((commit) => !wanted.includes(commit));
    for (const gitDir of missing === undefined ? places : []) {
      const input = wanted.map((commit) => `${commit}\n`).join("");
      const checking = git.run(["cat-file", "--batch-check=%(objecttype)"], { gitDir, input });
      const types = await checking.then(
        ({ stdout }) => stdout.split("\n"),
        (error: unknown) => {
          if (existsSync(gitDir)) throw error;
          return [];
        },
      );
      missing = wanted.find((_, index) => types[index] !== "commit");
      if (missing === undefined) return gitDir;
    }
    throw new AppError("checkpoint.not-found", `The commit ${missing} is not among the session's checkpoints.`);
  }

  /**
   * Reads where the commits are. What a running turn shows is removed when it ends, also while it is read: then it is
   * looked for once more, and found in the checkpoint, in another place, or not at all.
   */
  async function readWhereFound<T>(of: ObjectsOf, commits: string[], read: (gitDir: string) => Promise<T>): Promise<T> {
    const place = await findPlace(of, commits);
    try {
      return await read(place);
    } catch (error) {
      const now = await lookForPlace(of, commits);
      if (now === place) throw error;
      return read(now);
    }
  }

  const list = (gitDir: string, { sessionId, from, to }: CommitRange): Promise<ChangedFile[]> =>
    keptLists(`${sessionId} ${from} ${to}`, () => listChanges(git, { gitDir, from, to }));

  return {
    /** The bare repository that has these commits. */
    findPlace,

    /** Keeps a list that was made already: it is asked for soon. */
    remember({ sessionId, from, to }: CommitRange, files: ChangedFile[]): void {
      void keptLists(`${sessionId} ${from} ${to}`, () => Promise.resolve(files));
    },

    /** The files that differ between two commits. */
    changes(range: CommitRange): Promise<ChangedFile[]> {
      return readWhereFound(range, [range.from, range.to], (gitDir) => list(gitDir, range));
    },

    /** The patch between two commits, of all files or of one (by its new path, where it was renamed). */
    diff(range: CommitRange & DiffOptions): Promise<string> {
      const { from, to, path, ...style } = range;
      return readWhereFound(range, [from, to], async (gitDir) => {
        const place = { gitDir, from, to };
        if (path === undefined) return readPatch(git, place, { ...style, maxBytes: limits.diffBytes });
        if (!isTreePath(path)) return "";
        const formerPath = (await list(gitDir, range)).find((file) => file.path === path)?.oldPath;
        return readPatch(git, place, { ...style, path, formerPath, maxBytes: limits.fileDiffBytes });
      });
    },

    /** A file as it is in a commit. Throws `file.not-found` and `request.too-large` too. */
    content(file: ObjectsOf & { commit: string; path: string }): Promise<FileContent> {
      const { commit, path } = file;
      return readWhereFound(file, [commit], (gitDir) =>
        readContent(git, { gitDir, commit }, { path, maxBytes: limits.contentBytes }),
      );
    },
  };
}
