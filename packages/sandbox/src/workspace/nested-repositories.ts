import { lstat, readFile, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import type { Git } from "./git-process.ts";

export interface NestedOrder {
  tree: string;
  git: Git;
  /** Names the index to work on: one of our own, never the agent's. */
  env: { GIT_INDEX_FILE: string } & Record<string, string>;
  /** The commit the session began at: what it has of other repositories is the project's own way. */
  base: string;
}

export interface NestedRepositories {
  /** Repositories, by their paths, whose files are now files like any others. */
  opened: string[];
  /** Repositories whose files are not taken: the way to say so to `git add`, and why. */
  closed: { path: string; reason: string }[];
  /** What differs from the index now: paths of changed and of new files, and of what is in `closed` with a slash. */
  changed: string[];
}

/** Is never there: it only makes git take a directory for one that it has files of. Its entry goes with the next add. */
const PLACEHOLDER = ".background-agents-nested";

/**
 * Makes repositories that the agent began inside the tree (`git init web`, a scaffolder, a clone) ordinary directories
 * in the index at `env`: git would else refuse them, or keep one commit's name instead of their files. Their own `.git`
 * is read and never taken or changed. Submodules stay submodules, and another working tree of the session's own
 * repository is left out: its files are there a second time.
 */
export async function openNestedRepositories(order: NestedOrder): Promise<NestedRepositories> {
  const { tree, git } = order;
  const opened: string[] = [];
  const closed: NestedRepositories["closed"] = [];
  const seen = new Set<string>();
  const submodules = await listSubmodules(git);
  const worktrees = join((await git(["rev-parse", "--absolute-git-dir"])).stdout.trim(), "worktrees");

  let changed = await listChanged(order);
  if (await dropReplaced(order, changed)) changed = await listChanged(order);
  let found = [...repositoriesIn(changed), ...(await listNewLinks(order))];
  // Each that is opened may hold others.
  while (found.length > 0) {
    for (const path of found) seen.add(path);
    const toOpen: string[] = [];
    for (const path of found) {
      if (submodules.has(path)) {
        // One with a commit is added as a submodule is; without one git would refuse everything.
        if (!(await hasCommit(git, path))) closed.push({ path, reason: "it is a submodule without a commit" });
      } else if (await isWorktreeOf(worktrees, join(tree, path))) {
        closed.push({
          path,
          reason: "it is another working tree of this repository; merge its branch to save its work",
        });
      } else {
        toOpen.push(path);
      }
    }
    if (toOpen.length === 0) break;
    await openInIndex(order, toOpen);
    opened.push(...toOpen);
    changed = await listChanged(order);
    found = repositoriesIn(changed).filter((path) => !seen.has(path));
  }
  return { opened, closed, changed };
}

async function listChanged({ git, env }: NestedOrder): Promise<string[]> {
  const { stdout } = await git(["ls-files", "-z", "--modified", "--others", "--exclude-standard"], { env });
  return [...new Set(stdout.split("\0").filter(Boolean))];
}

/**
 * Takes out of the index the files and links in whose place a repository stands now. Git names such a path as a changed
 * file and stops at what it finds there; once the entry is gone it names the repository like any other new one.
 */
async function dropReplaced({ tree, git, env }: NestedOrder, changed: readonly string[]): Promise<boolean> {
  const places: string[] = [];
  for (const path of changed) {
    if (path.endsWith("/")) continue;
    const info = await lstat(join(tree, path)).catch(() => undefined);
    if (!info?.isDirectory()) continue;
    if (await lstat(join(tree, path, ".git")).catch(() => undefined)) places.push(path);
  }
  if (places.length === 0) return false;
  const asked = places.map((path) => `:(top,literal)${path}`);
  const { stdout } = await git(["ls-files", "-z", "--stage", "--", ...asked], { env });
  // Where the index has a commit of another repository, that one belongs there.
  const links = new Set(stdout.split("\0").flatMap((entry) => /^160000 \S+ \d\t([^]+)/.exec(entry)?.[1] ?? []));
  const replaced = places.filter((path) => !links.has(path));
  if (replaced.length === 0) return false;
  await git(["update-index", "--force-remove", "-z", "--stdin"], { env, input: replaced.join("\0") });
  return true;
}

/** Repositories that git sees as one untracked thing: it lists them with a slash at the end, and nothing else so. */
function repositoriesIn(changed: readonly string[]): string[] {
  return changed.filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1));
}

/** Paths where the index has a commit of another repository, the base has none, and that repository is there. */
async function listNewLinks({ tree, git, env, base }: NestedOrder): Promise<string[]> {
  const links = (await listLinks(git, ["diff-index", "--cached", base], env)).filter(({ isNew }) => isNew);
  const found: string[] = [];
  for (const { path } of links) {
    const isThere = await stat(join(tree, path, ".git")).catch(() => undefined);
    if (isThere) found.push(path);
  }
  return found;
}

export interface RepositoryLink {
  path: string;
  /** There was none at this path before. */
  isNew: boolean;
}

/** The commits of other repositories that came or changed between the two sides of a `git diff-…` in raw form. */
export async function listLinks(
  git: Git,
  [command = "", ...args]: string[],
  env: Record<string, string> = {},
): Promise<RepositoryLink[]> {
  const options = ["-r", "-z", "--raw", "--no-renames", "--ignore-submodules=none"];
  const { stdout } = await git([command, ...options, ...args], { env });
  const fields = stdout.split("\0");
  return fields.flatMap((field, at) => {
    const modes = /^:(\d{6}) 160000 /.exec(field);
    const path = fields[at + 1];
    return modes && path ? [{ path, isNew: modes[1] !== "160000" }] : [];
  });
}

/** The paths that `.gitmodules` of the tree names. */
async function listSubmodules(git: Git): Promise<Set<string>> {
  const asked = ["config", "-z", "-f", ".gitmodules", "--get-regexp", String.raw`^submodule\..*\.path$`];
  // 1: none; 3 and 128: the file is being written, or is none of git's.
  const { stdout } = await git(asked, { allowExit: [1, 3, 128] });
  return new Set(stdout.split("\0").map((entry) => entry.slice(entry.indexOf("\n") + 1).replace(/\/+$/, "")));
}

async function hasCommit(git: Git, path: string): Promise<boolean> {
  const at = ["-C", path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
  return (await git(at, { allowExit: [1, 128] })).exitCode === 0;
}

async function isWorktreeOf(worktrees: string, directory: string): Promise<boolean> {
  // A directory instead of a file: a repository of its own.
  const pointer = await readFile(join(directory, ".git"), "utf8").catch(() => "");
  const target = /^gitdir: (.+)/.exec(pointer)?.[1];
  return target !== undefined && resolve(directory, target).startsWith(`${worktrees}${sep}`);
}

async function openInIndex({ git, env }: NestedOrder, paths: string[]): Promise<void> {
  const nothing = (await git(["hash-object", "--stdin"], { input: "" })).stdout.trim();
  const entries = paths.map((path) => `100644 ${nothing}\t${path}/${PLACEHOLDER}\0`);
  await git(["update-index", "-z", "--index-info"], { env, input: entries.join("") });
}
