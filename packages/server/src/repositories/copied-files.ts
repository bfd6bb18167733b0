import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { RepositoryId } from "@background-agents/shared/ids";
import type { CopiedFilesAnswer } from "@background-agents/shared/protocol/commands";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import type { RepositoryStore } from "./repository-store.ts";

export type CopiedFiles = ReturnType<typeof createCopiedFiles>;

const INCLUDE_FILE = ".worktreeinclude";
const INCLUDE_BYTES = 64 * 1024;
const MOST_PATTERNS = 500;
const MOST_FILES = 100;
const FILE_BYTES = 1024 ** 2;
const ALL_BYTES = 10 * 1024 ** 2;
const TOLD_LEFT_OUT = 200;
/** Matches that are looked at; a pattern that means more than this means something else. */
const MOST_MATCHES = 10_000;

/**
 * The ignored files of a user's work tree that its sessions get: those that match the repository's patterns or its
 * `.worktreeinclude` (both as in `.gitignore`) and that git ignores there. Never links, never anything outside.
 */
export function createCopiedFiles(deps: { git: Git; store: Pick<RepositoryStore, "readCopyPatterns"> }) {
  const { git } = deps;

  async function readIncludeFile(top: string): Promise<string[]> {
    const content = await readRegularFile(join(top, INCLUDE_FILE), INCLUDE_BYTES);
    return typeof content === "string" ? [] : content.bytes.toString("utf8").split(/\r?\n/).filter(isPattern);
  }

  /** Untracked files that match the patterns and are ignored for reasons of the repository's own. */
  async function listMatches(top: string, patterns: string[]): Promise<string[]> {
    // The user's own list of ignored files counts, as it does when they run git.
    const options = { cwd: top, trust: "user" as const, deadlineMs: 60_000 };
    const matching = await git.run(
      ["ls-files", "-z", "--others", "--ignored", ...patterns.map((pattern) => `--exclude=${pattern}`)],
      options,
    );
    const paths = matching.stdout.split("\0").filter((path) => path !== "" && !path.endsWith("/"));
    if (paths.length > MOST_MATCHES) {
      throw new AppError(
        "repository.invalid",
        `The patterns of files to copy match ${paths.length} files of ${top}: name fewer (${INCLUDE_FILE} counts, too).`,
      );
    }
    if (paths.length === 0) return [];
    const shown = await git.run(["ls-files", "-z", "--others", "--exclude-standard"], options);
    const notIgnored = new Set(shown.stdout.split("\0"));
    return paths.filter((path) => !notIgnored.has(path));
  }

  /** What a session made now would get, and what would stay out and why. */
  async function list(repository: { id: RepositoryId; path: string }): Promise<CopiedFilesAnswer> {
    const copyPatterns = deps.store.readCopyPatterns(repository.id);
    const includeFile = await readIncludeFile(repository.path);
    const answer: CopiedFilesAnswer = { copyPatterns, includeFile, files: [], leftOut: [] };
    const patterns = [...includeFile, ...copyPatterns.filter(isPattern)].slice(0, MOST_PATTERNS);
    if (patterns.length === 0) return answer;
    let total = 0;
    for (const path of await listMatches(repository.path, patterns)) {
      const size = await sizeOf(repository.path, path);
      const reason = typeof size === "string" ? size : overLimit(size, { files: answer.files.length, total });
      if (typeof size === "number" && reason === undefined) {
        total += size;
        answer.files.push({ path, bytes: size });
      } else if (answer.leftOut.length < TOLD_LEFT_OUT) answer.leftOut.push({ path, reason: reason ?? "" });
    }
    return answer;
  }

  return {
    list,

    /** Paths of the files that a session made now would get. */
    async listPaths(repository: { id: RepositoryId; path: string }): Promise<string[]> {
      return (await list(repository)).files.map(({ path }) => path);
    },

    /** The named files as they are now, one JSON line each; what is gone or has become something else is left out. */
    open(top: string, paths: readonly string[]): Readable {
      async function* lines(): AsyncGenerator<string> {
        let total = 0;
        for (const path of paths.slice(0, MOST_FILES)) {
          if (typeof (await sizeOf(top, path)) === "string") continue;
          const file = await readRegularFile(join(top, path), FILE_BYTES);
          if (typeof file === "string" || (total += file.bytes.length) > ALL_BYTES) continue;
          const mode = file.executable ? "100755" : "100644";
          yield `${JSON.stringify({ path, mode, content: file.bytes.toString("base64") })}\n`;
        }
      }
      return Readable.from(lines());
    },
  };
}

function isPattern(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("#") && !line.includes("\0");
}

function overLimit(size: number, so: { files: number; total: number }): string | undefined {
  if (so.files >= MOST_FILES) return `more than ${MOST_FILES} files`;
  if (so.total + size > ALL_BYTES) return "more than 10 MiB in all";
  return undefined;
}

/** A file's size in bytes, or why it stays out: nothing on the way to it may be a link. */
async function sizeOf(top: string, path: string): Promise<number | string> {
  if (path.split("/").some((part) => part === "" || part === "." || part === ".." || /^\.git$/i.test(part))) {
    return "its path leads out of the work tree";
  }
  const parts = path.split("/");
  for (let depth = 1; depth <= parts.length; depth++) {
    const info = await lstat(join(top, ...parts.slice(0, depth))).catch(() => undefined);
    if (!info) return "it is gone";
    if (info.isSymbolicLink()) return depth === parts.length ? "it is a link" : "it is behind a link";
    if (depth < parts.length) continue;
    if (!info.isFile()) return "it is not a regular file";
    return info.size > FILE_BYTES ? "it is over 1 MiB" : info.size;
  }
  return "it is gone";
}

/** Reads a file that is no link, or says why not. */
async function readRegularFile(
  path: string,
  maxBytes: number,
): Promise<{ bytes: Buffer; executable: boolean } | string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (!file) return "it cannot be read";
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > maxBytes) return "it is no small file";
    return { bytes: await file.readFile(), executable: (info.mode & 0o100) !== 0 };
  } finally {
    await file.close();
  }
}
