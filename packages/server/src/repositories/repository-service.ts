import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { RepositoryId } from "@background-agents/shared/ids";
import type {
  CopiedFilesAnswer,
  RegisterRepositoryBody,
  UpdateRepositoryBody,
} from "@background-agents/shared/protocol/commands";
import type { Branch, Repository } from "@background-agents/shared/repositories/repository";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import { parseCloneUrl } from "./clone-url.ts";
import type { CopiedFiles } from "./copied-files.ts";
import { inspectBriefly, inspectRepository } from "./inspect-repository.ts";
import { listBranches } from "./list-branches.ts";
import { listTags } from "./list-tags.ts";
import { cloneRepository, makeSampleRepository } from "./make-repository.ts";
import type { RepositoryFinder } from "./repository-finder.ts";
import type { RepositoryRow, RepositoryStore } from "./repository-store.ts";
import { isInside, resolveTopLevel } from "./resolve-top-level.ts";
import { SAMPLE_COMMITS } from "./sample-project.ts";

export type RepositoryService = ReturnType<typeof createRepositoryService>;

const INSPECTED_AT_ONCE = 32;

/** The repositories that sessions can be made on: found under `reposDir`, or registered. */
export function createRepositoryService(deps: {
  store: RepositoryStore;
  finder: RepositoryFinder;
  copiedFiles: Pick<CopiedFiles, "list">;
  git: Git;
  reposDir: string;
  clock: Clock;
  /** Whether a session was made on it. */
  isInUse: (id: RepositoryId) => boolean;
  onRemoved: (id: RepositoryId) => Promise<void>;
}) {
  const { store, finder, copiedFiles, git, clock } = deps;
  const oneAtATime = createKeyedMutex();
  const realReposDir = () => realpath(deps.reposDir).catch(() => deps.reposDir);

  function remember(path: string, source: Repository["source"], url: string | null = null): RepositoryRow {
    return store.findByPath(path) ?? store.ensure({ path, name: basename(path), source, url }, clock.now());
  }

  async function describe(row: RepositoryRow, inspect = inspectRepository): Promise<Repository> {
    const { id, name, path, source } = row;
    return { id, name, path, source, ...(await inspect(git, path)) };
  }

  /** Where the row's directory is, still a repository; throws the given code otherwise. */
  function requireRow(id: RepositoryId, code: "repository.invalid" | "repository.not-found"): RepositoryRow {
    const row = store.find(id);
    if (!row) throw new AppError(code, `There is no repository with the id ${id}.`);
    if (!existsSync(join(row.path, ".git"))) {
      throw new AppError(code, `There is no git repository at ${row.path} any more: put it back, or remove it here.`);
    }
    return row;
  }

  async function requirePath(path: string): Promise<RepositoryRow> {
    const top = await resolveTopLevel(git, path);
    const known = store.findByPath(top);
    if (known) return known;
    const reposDir = await realReposDir();
    if (isInside(top, reposDir)) return remember(top, "found");
    const how = `register it first (POST /api/repositories with { "path": ${JSON.stringify(top)} })`;
    throw new AppError("repository.invalid", `${top} lies outside REPOS_DIR (${reposDir}): ${how}.`);
  }

  async function identity(path: string): Promise<{ name: string; email: string }> {
    const allowExit = [1, 128];
    const read = async (key: string) => {
      const options = { cwd: path, discover: true, trust: "user" as const, allowExit };
      return (await git.run(["config", "--get", key], options)).stdout.trim();
    };
    const [name, email] = await Promise.all([read("user.name"), read("user.email")]);
    return { name: name || "Background Agents", email: email || "agents@localhost" };
  }

  return {
    reposDir: deps.reposDir,

    /** All of them, by name. Those in `reposDir` that are gone are left out; registered ones say so. */
    async list(): Promise<Repository[]> {
      const reposDir = await realReposDir();
      const paths = await finder.find();
      for (const path of paths) remember(path, "found");
      const rows = store.list().filter((row) => {
        return existsSync(join(row.path, ".git")) || !isInside(row.path, reposDir);
      });
      const repositories: Repository[] = [];
      for (let at = 0; at < rows.length; at += INSPECTED_AT_ONCE) {
        const batch = rows.slice(at, at + INSPECTED_AT_ONCE);
        repositories.push(...(await Promise.all(batch.map((row) => describe(row, inspectBriefly)))));
      }
      return repositories;
    },

    /**
     * The repository of an id, or of the absolute path of a git top level under `reposDir` or registered. Throws
     * `repository.invalid` with the reason. What it gives may have a `problem`.
     */
    async require(idOrPath: string): Promise<Repository> {
      const id = RepositoryId.safeParse(idOrPath);
      return describe(id.success ? requireRow(id.data, "repository.invalid") : await requirePath(idOrPath));
    },

    /** Throws `repository.not-found` where the id is of none. */
    requireKnown(id: RepositoryId): void {
      if (!store.find(id)) throw new AppError("repository.not-found", `There is no repository with the id ${id}.`);
    },

    /** The local branches, latest commit first, and the newest tags. Throws `repository.not-found`. */
    async branches(id: RepositoryId): Promise<{ branches: Branch[]; defaultBranch: string | null; tags: string[] }> {
      const row = requireRow(id, "repository.not-found");
      const [branches, { defaultBranch }, tags] = await Promise.all([
        listBranches(git, row.path),
        inspectRepository(git, row.path),
        listTags(git, row.path),
      ]);
      return { branches, defaultBranch, tags };
    },

    /** What a session made now would get of the work tree's ignored files. Throws `repository.not-found`. */
    listCopiedFiles(id: RepositoryId): Promise<CopiedFilesAnswer> {
      return copiedFiles.list(requireRow(id, "repository.not-found"));
    },

    /** Which ignored files of the work tree sessions get from now on. Throws `repository.not-found`. */
    async update(id: RepositoryId, { copyPatterns }: UpdateRepositoryBody): Promise<Repository> {
      const row = requireRow(id, "repository.not-found");
      store.setCopyPatterns(id, copyPatterns);
      return describe(row);
    },

    /**
     * Makes a git top level known by its path, wherever it lies, or clones an https or ssh address into `reposDir`.
     * Throws `repository.invalid` or `repository.clone-failed`.
     */
    async register(body: RegisterRepositoryBody): Promise<Repository> {
      if ("path" in body) {
        const top = await resolveTopLevel(git, body.path);
        return describe(remember(top, isInside(top, await realReposDir()) ? "found" : "registered"));
      }
      const source = parseCloneUrl(body.url);
      const reposDir = await realReposDir();
      const path = await oneAtATime(reposDir + source.name, async () => cloneRepository(git, source, reposDir));
      finder.forget();
      return describe(remember(path, "cloned", source.url));
    },

    /** Makes a small repository to try things on, in `reposDir`. */
    async createSample(): Promise<Repository> {
      const reposDir = await realReposDir();
      const sample = { commits: SAMPLE_COMMITS, identity: await identity(reposDir) };
      const path = await oneAtATime("sample", () => makeSampleRepository(git, reposDir, sample));
      finder.forget();
      return describe(remember(path, "sample"));
    },

    /**
     * Forgets a repository; its files are never touched. Throws `repository.in-use` while sessions stand on it, and
     * `repository.invalid` where it would be found again at once.
     */
    async remove(id: RepositoryId): Promise<void> {
      const row = store.find(id);
      if (!row) throw new AppError("repository.not-found", `There is no repository with the id ${id}.`);
      if (deps.isInUse(id)) {
        throw new AppError("repository.in-use", `There are sessions on ${row.name}: delete them first.`);
      }
      if (isInside(row.path, await realReposDir()) && existsSync(join(row.path, ".git"))) {
        const why = `${row.path} lies in REPOS_DIR and is listed for as long as it is there: move it elsewhere.`;
        throw new AppError("repository.invalid", `${why} Nothing was deleted.`);
      }
      store.remove(id);
      await deps.onRemoved(id);
    },

    /** The user's name and address as git has them for the repository at `path`, for the agent's commits. */
    identity,
  };
}
