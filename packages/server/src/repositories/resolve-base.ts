import type { Git } from "../lib/git-process.ts";
import { findRef } from "./git-refs.ts";
import { isBranchName } from "./ref-name.ts";

export interface ResolvedBase {
  kind: "branch" | "tag" | "commit";
  /** As the session calls it: a commit by its first 12 characters. */
  name: string;
  commit: string;
}

/** What `base` means in the user's repository: a branch before a tag before the beginning of a commit's id. */
export async function resolveBase(git: Git, repositoryPath: string, base: string): Promise<ResolvedBase | undefined> {
  const place = { cwd: repositoryPath };
  if (isBranchName(base)) {
    const branch = await findRef(git, place, `refs/heads/${base}`);
    if (branch !== undefined) return { kind: "branch", name: base, commit: branch };
    const tag = await readCommit(git, repositoryPath, `refs/tags/${base}`);
    if (tag !== undefined) return { kind: "tag", name: base, commit: tag };
  }
  if (!/^[0-9a-f]{4,40}$/.test(base)) return undefined;
  const commit = await readCommit(git, repositoryPath, base);
  // A ref may look like an id; only an id is meant here.
  return commit?.startsWith(base) ? { kind: "commit", name: commit.slice(0, 12), commit } : undefined;
}

/** Whether the base of a session is a branch that can move; a repository that cannot be read has none. */
export async function findKind(git: Git, repositoryPath: string, base: string): Promise<{ kind: "branch" | "fixed" }> {
  const found = await resolveBase(git, repositoryPath, base).catch(() => undefined);
  return { kind: found === undefined || found.kind === "branch" ? "branch" : "fixed" };
}

async function readCommit(git: Git, repositoryPath: string, name: string): Promise<string | undefined> {
  const { stdout, exitCode } = await git.run(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`],
    { cwd: repositoryPath, allowExit: [1, 128] },
  );
  return exitCode === 0 ? stdout.trim() : undefined;
}
