import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Git } from "../lib/git-process.ts";

/**
 * Makes a bare repository that borrows the objects of another one, where it is not there yet. Others read it at any
 * time: it appears whole, and nothing in it is written that stands there already. A list of alternates that was emptied
 * for the moment it takes to write it anew made commits seem to be missing.
 */
export async function ensureBorrowing(
  git: Git,
  gitDir: string,
  { from, config }: { from: string; config: string },
): Promise<void> {
  const alternates = `${join(from, "objects")}\n`;
  if (!existsSync(join(gitDir, "HEAD"))) {
    const unfinished = `${gitDir}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(dirname(gitDir), { recursive: true });
    await git.run(["init", "--quiet", "--bare", "--template=", "-b", "main", unfinished]);
    await appendFile(join(unfinished, "config"), config);
    await mkdir(join(unfinished, "objects", "info"), { recursive: true });
    await writeFile(alternatesOf(unfinished), alternates);
    await rm(gitDir, { recursive: true, force: true });
    await rename(unfinished, gitDir);
    return;
  }
  const present = await readFile(alternatesOf(gitDir), "utf8").catch(() => undefined);
  if (present === alternates) return;
  const unfinished = `${alternatesOf(gitDir)}.unfinished`;
  await writeFile(unfinished, alternates);
  await rename(unfinished, alternatesOf(gitDir));
}

/** Removes a repository at once: who reads it meanwhile finds it gone, never half of it. */
export async function removeAtOnce(gitDir: string): Promise<void> {
  const gone = `${gitDir}.gone`;
  await rm(gone, { recursive: true, force: true });
  if (!existsSync(gitDir)) return;
  await rename(gitDir, gone);
  await rm(gone, { recursive: true, force: true });
}

function alternatesOf(gitDir: string): string {
  return join(gitDir, "objects", "info", "alternates");
}
