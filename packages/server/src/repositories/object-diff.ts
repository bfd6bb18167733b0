import { findExecutor } from "@background-agents/shared/reviews/executed-files";
import type { ChangedFile, ChangeCounts, FileStatus } from "@background-agents/shared/sessions/session";
import type { Git } from "../lib/git-process.ts";
import { findLinkedExecutors } from "./find-linked-executors.ts";

/** Two commits in a bare repository; `env` may point git at other object directories. */
export interface DiffRange {
  gitDir: string;
  from: string;
  to: string;
  env?: Record<string, string>;
}

/** A blob over this counts as binary: nobody reads its diff, and computing one would take the memory. */
const BIG_FILE = "core.bigFileThreshold=32m";
const DIFF_DEADLINE_MS = 60_000;
const CHANGES_BYTES = 64 * 1024 * 1024;

const STATUSES: Record<string, FileStatus> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "type-changed",
};

const KINDS: Record<string, ChangedFile["kind"]> = { "120000": "link", "160000": "submodule" };

export interface PatchOptions {
  /** One file, by its new path where it was renamed; all without it. */
  path?: string | undefined;
  /** The former path of that file. */
  formerPath?: string | undefined;
  whitespace?: "show" | "ignore";
  /** Lines around each change. */
  context?: number | "all";
  maxBytes: number;
}

/** More lines than any file has that a diff is made of. */
const ALL_LINES = 100_000_000;

/** The files that differ, with renames found, sorted as git sorts them. No attribute, driver or filter has a say. */
export async function listChanges(git: Git, range: DiffRange): Promise<ChangedFile[]> {
  const { stdout } = await git.run(
    [...diffTree(), "--raw", "--numstat", "-z", "--end-of-options", range.from, range.to, "--"],
    { ...placeOf(range), maxOutputBytes: CHANGES_BYTES },
  );
  const files = parseChanges(stdout);
  // The tree of links is gone through only where an answer is missing.
  if (files.every(({ executedBy, newBlob }) => executedBy !== null || newBlob === null)) return files;
  const linked = await findLinkedExecutors(git, placeOf(range), range.to);
  return files.map((file) => ({ ...file, executedBy: file.executedBy ?? linked.get(file.newBlob ?? "") ?? null }));
}

/** Reads `git diff-tree --raw --numstat -z`: first all raw records, then all counts, in the same order. */
export function parseChanges(output: string): ChangedFile[] {
  const tokens = output.split("\0");
  const files: ChangedFile[] = [];
  let at = 0;
  const next = () => tokens[at++] ?? "";

  while (tokens[at]?.startsWith(":")) {
    const record = next();
    const status = STATUSES[record.split(" ")[4]?.[0] ?? ""] ?? "modified";
    const moved = status === "renamed" || status === "copied";
    const oldPath = moved ? next() : undefined;
    const path = next();
    const sides = sidesOf(record);
    files.push({
      path,
      ...(oldPath === undefined ? {} : { oldPath }),
      status,
      ...sides,
      viewed: false,
      executedBy: findExecutor(path, sides.kind) ?? (oldPath === undefined ? null : findExecutor(oldPath, sides.kind)),
      additions: 0,
      deletions: 0,
      binary: false,
    });
  }
  for (const file of files) {
    const [added = "", deleted = "", path = ""] = next().split("\t");
    if (path === "") at += 2;
    file.binary = added === "-";
    file.additions = Number.parseInt(added, 10) || 0;
    file.deletions = Number.parseInt(deleted, 10) || 0;
  }
  return files;
}

/** What a raw record `:<mode> <mode> <id> <id> <status>` says of the two sides. */
function sidesOf(record: string): Pick<ChangedFile, "kind" | "oldMode" | "newMode" | "oldBlob" | "newBlob"> {
  const [oldMode = "", newMode = "", oldBlob = "", newBlob = ""] = record.slice(1).split(" ");
  const exists = (id: string) => /[1-9a-f]/.test(id);
  return {
    kind: KINDS[exists(newBlob) ? newMode : oldMode] ?? "file",
    ...(oldMode === newMode || !exists(oldBlob) ? {} : { oldMode }),
    ...(oldMode === newMode || !exists(newBlob) ? {} : { newMode }),
    oldBlob: exists(oldBlob) ? oldBlob : null,
    newBlob: exists(newBlob) ? newBlob : null,
  };
}

export function countChanges(files: readonly ChangedFile[]): ChangeCounts {
  return {
    files: files.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
}

/** The unified patch, of all files or of one; over `maxBytes` it ends after a whole file, with a line that says so. */
export async function readPatch(git: Git, range: DiffRange, options: PatchOptions): Promise<string> {
  const paths = [options.path, options.formerPath].filter((path) => path !== undefined);
  const context = options.context === "all" ? ALL_LINES : (options.context ?? 3);
  const style = ["--patch", `--unified=${context}`, ...(options.whitespace === "ignore" ? ["--ignore-all-space"] : [])];
  const chunks: Buffer[] = [];
  let size = 0;
  await git.stream(
    ["-c", "core.quotePath=false", ...diffTree(), ...style, "--end-of-options", range.from, range.to, "--", ...paths],
    {
      ...placeOf(range),
      onOutput: (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        return size > options.maxBytes ? "stop" : undefined;
      },
    },
  );
  const all = Buffer.concat(chunks);
  return size > options.maxBytes ? cut(all.subarray(0, options.maxBytes), options.maxBytes) : all.toString("utf8");
}

function cut(patch: Buffer, maxBytes: number): string {
  const lastFile = patch.lastIndexOf("\ndiff --git ");
  const end = lastFile > 0 ? lastFile : patch.lastIndexOf("\n");
  return `${patch.toString("utf8", 0, end + 1)}# The diff is cut here: it is over ${Math.round(maxBytes / 1024)} kB.\n`;
}

function diffTree(): string[] {
  const options = ["-r", "--find-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"];
  return ["-c", BIG_FILE, "diff-tree", ...options];
}

function placeOf(range: DiffRange) {
  return { gitDir: range.gitDir, env: range.env ?? {}, deadlineMs: DIFF_DEADLINE_MS };
}
