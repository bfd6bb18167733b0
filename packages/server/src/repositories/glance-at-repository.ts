import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Words in a configuration that only git itself can judge. */
const NEEDS_GIT = /objectformat|refstorage|partialclone|promisor|worktreeconfig|include/i;

/**
 * The checked-out branch of an ordinary repository, read from its files without starting git, which would take seconds
 * for a list of a hundred. Undefined for everything that is not plainly ordinary: then ask git.
 */
export async function glanceAtRepository(path: string): Promise<string | undefined> {
  const gitDir = join(path, ".git");
  const [head, config] = await Promise.all([read(join(gitDir, "HEAD")), read(join(gitDir, "config"))]);
  const branch = /^ref: refs\/heads\/(\S+)\n$/.exec(head)?.[1];
  if (branch === undefined || config === "" || NEEDS_GIT.test(config)) return undefined;
  if (existsSync(join(gitDir, "shallow")) || !(await isOurs(path)) || !(await isOurs(gitDir))) return undefined;
  const ref = `refs/heads/${branch}`;
  if (/^[0-9a-f]{40}\n$/.test(await read(join(gitDir, ref)))) return branch;
  return (await read(join(gitDir, "packed-refs"))).includes(` ${ref}\n`) ? branch : undefined;
}

/** git refuses to read a repository of another user, and says why. */
async function isOurs(path: string): Promise<boolean> {
  return (await stat(path)).uid === process.getuid?.();
}

/** A file's text; empty where it cannot be read (a linked worktree has no directory there). */
function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
