import { copyFile, mkdtemp, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { findInWay } from "./find-in-way.ts";
import { neutralDrivers } from "./neutral-drivers.ts";
import type { WorkTreeMove } from "./work-trees.ts";

const NAMED_FILES = 10;

/** Tracked files with changes that are not committed; empty where the work tree is clean. Nothing is written. */
export async function listUncommitted(git: Git, worktree: string, env: Record<string, string> = {}): Promise<string[]> {
  const status = [
    "status",
    "--porcelain=v1",
    "-z",
    "--untracked-files=no",
    "--ignore-submodules=dirty",
    "--no-renames",
  ];
  const { stdout } = await git.run(status, { cwd: worktree, trust: "user", env });
  return stdout
    .split("\0")
    .filter(Boolean)
    .map((entry) => entry.slice(3));
}

/** Whether index and tracked files are what `to` holds already. Nothing is written. */
export async function hasContent(
  git: Git,
  move: Pick<WorkTreeMove, "worktree" | "to"> & { objects?: string },
): Promise<boolean> {
  const { env } = await neutralDrivers(git, move.worktree);
  const place = { cwd: move.worktree, trust: "user" as const, env: { ...env, ...alternates(move.objects) } };
  // Twice: the index may hold it and the files not.
  const { exitCode } = await git.run(["diff-index", "--quiet", move.to, "--"], { ...place, allowExit: [1, 128] });
  if (exitCode !== 0) return false;
  const staged = ["diff-index", "--quiet", "--cached", move.to, "--"];
  return (await git.run(staged, { ...place, allowExit: [1, 128] })).exitCode === 0;
}

function alternates(objects: string | undefined): Record<string, string> {
  return objects === undefined ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects) };
}

/**
 * Throws `tree.not-clean` where the move would have to overwrite something of the user's. Tried on a copy of the index:
 * nothing is written. `objects` is a directory of git objects that the repository does not have yet.
 */
export async function requireMovable(git: Git, move: WorkTreeMove & { objects?: string }): Promise<void> {
  const { env: neutral } = await neutralDrivers(git, move.worktree);
  const { stdout } = await git.run(["rev-parse", "--path-format=absolute", "--git-path", "index"], {
    cwd: move.worktree,
  });
  const scratch = await mkdtemp(join(tmpdir(), "background-agents-index-"));
  try {
    const index = join(scratch, "index");
    const own = stdout.replace(/\n$/, "");
    const written = Math.floor((await stat(own)).mtimeMs / 1000);
    await copyFile(own, index);
    // With a later time git would take a file for unchanged that kept its length and changed as the index was written.
    await utimes(index, written, written);
    const env = {
      ...neutral,
      GIT_INDEX_FILE: index,
      ...alternates(move.objects),
    };
    const inWay = await findInWay(git, move, env);
    if (inWay.length > 0) throw notClean(move.worktree, inWay);
    await moveTree(git, { ...move, env, dryRun: true });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Brings files and index of a work tree from one commit to another; `requireMovable` has to come first. */
export async function moveWorkTree(git: Git, move: WorkTreeMove): Promise<void> {
  const { env } = await neutralDrivers(git, move.worktree);
  await moveTree(git, { ...move, env, dryRun: false });
}

async function moveTree(
  git: Git,
  move: WorkTreeMove & { env: Record<string, string>; dryRun: boolean },
): Promise<void> {
  const place = { cwd: move.worktree, trust: "user" as const, env: move.env };
  await git.run(["update-index", "-q", "--refresh"], { ...place, allowExit: [1] });
  const { exitCode, stderr } = await git.run(
    ["read-tree", ...(move.dryRun ? ["-n"] : []), "-m", "-u", "--end-of-options", move.from, move.to],
    { ...place, allowExit: [1, 128] },
  );
  if (exitCode === 0) return;
  const files = [...stderr.matchAll(/(?:Entry|working tree file|Updating) '([^']+)'/g)].map(([, file]) => file ?? "");
  throw notClean(move.worktree, files, stderr.trim().split("\n")[0] ?? "");
}

/** The refusal that names the files. */
export function notClean(worktree: string, files: string[], why = ""): AppError {
  const named = files.slice(0, NAMED_FILES).join(", ");
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : "";
  return new AppError(
    "tree.not-clean",
    `The work tree ${worktree} has changes that would be lost: ${named === "" ? why : named + more}.`,
    { details: { files, advice: "Commit, stash or remove them, then try again." } },
  );
}
