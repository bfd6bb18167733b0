import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./workspace-git.ts";

/** What of the user's repository must be as the user left it. */
export interface UserState {
  /** Every ref but `agents/*`, with what it points at. */
  refs: string;
  head: string;
  status: string;
  config: string;
}

export async function makeUserRepository(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await git(path, "init", "--quiet", "-b", "main");
  await writeFile(join(path, "README.md"), "# Example\n");
  await git(path, "add", "-A");
  await git(path, "commit", "--quiet", "-m", "Begin");
}

export async function readUserState(path: string): Promise<UserState> {
  const all = await git(path, "for-each-ref", "--format=%(refname) %(objectname)");
  return {
    refs: all
      .split("\n")
      .filter((line) => !line.startsWith("refs/heads/agents/"))
      .join("\n"),
    head: await readFile(join(path, ".git", "HEAD"), "utf8"),
    status: await git(path, "--no-optional-locks", "status", "--porcelain"),
    config: await readFile(join(path, ".git", "config"), "utf8"),
  };
}

/** The `agents/*` branches, by name without `refs/heads/`. */
export async function readAgentBranches(path: string): Promise<Record<string, string>> {
  const text = await git(path, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/agents");
  return Object.fromEntries(text.split("\n").flatMap((line) => (line ? [line.split(" ") as [string, string]] : [])));
}

/** What `git fsck` has to say; empty where all is sound. */
export async function checkUserRepository(path: string): Promise<string> {
  return git(path, "fsck", "--strict", "--no-dangling", "--no-progress").catch((error: unknown) => String(error));
}
