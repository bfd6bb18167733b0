import type { Dirent } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";

export type RepositoryFinder = ReturnType<typeof createRepositoryFinder>;

const SKIPPED = new Set(["node_modules", "bower_components", "vendor", "Library", "__pycache__"]);
/** Where "check out" puts work trees, beside their repository: they are no repositories of their own. */
export const WORKTREES_SUFFIX = ".worktrees";
const DEFAULT_DEPTH = 3;
const DEFAULT_CACHE_MS = 5000;
/** A home directory can hold millions; what lies beyond is registered by path. */
const MAX_DIRECTORIES = 20_000;
const AT_ONCE = 32;

/**
 * Finds the git top levels under `reposDir`, `depth` levels down. Repositories inside a repository, dot directories,
 * dependency directories and symlinks are passed over; what cannot be read is not there.
 */
export function createRepositoryFinder(deps: { reposDir: string; clock: Clock; depth?: number; cacheMs?: number }) {
  const depth = deps.depth ?? DEFAULT_DEPTH;
  const cacheMs = deps.cacheMs ?? DEFAULT_CACHE_MS;
  let cached: { at: number; paths: Promise<string[]> } | undefined;

  async function search(): Promise<string[]> {
    const found: string[] = [];
    let level = [await realpath(deps.reposDir).catch(() => deps.reposDir)];
    let seen = 0;
    for (let down = 0; down <= depth && level.length > 0; down += 1) {
      const below: string[] = [];
      for (let at = 0; at < level.length && seen < MAX_DIRECTORIES; at += AT_ONCE) {
        const batch = level.slice(at, at + AT_ONCE);
        seen += batch.length;
        const entries = await Promise.all(batch.map(readDirectory));
        for (const [place, directory] of batch.entries()) {
          const inside = entries[place] ?? [];
          const isRepository = inside.some((entry) => entry.name === ".git" && (entry.isDirectory() || entry.isFile()));
          if (isRepository) found.push(directory);
          // REPOS_DIR may be a repository itself and still be where repositories are kept.
          if (!isRepository || down === 0) below.push(...inside.filter(isSearched).map((e) => join(directory, e.name)));
        }
      }
      level = below;
    }
    return found.sort();
  }

  return {
    /** Real paths, sorted; at most `cacheMs` old. */
    find(): Promise<string[]> {
      const now = deps.clock.now().getTime();
      if (!cached || now - cached.at >= cacheMs || now < cached.at) cached = { at: now, paths: search() };
      return cached.paths;
    },

    /** Makes the next `find` look again. */
    forget(): void {
      cached = undefined;
    },
  };
}

async function readDirectory(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isSearched(entry: Dirent): boolean {
  const { name } = entry;
  return entry.isDirectory() && !name.startsWith(".") && !SKIPPED.has(name) && !name.endsWith(WORKTREES_SUFFIX);
}
