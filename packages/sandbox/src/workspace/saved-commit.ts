import type { Git } from "./git-process.ts";

/** The commit that the server has all of: what is not in it was saved nowhere. */
const SAVED_REF = "refs/background-agents/saved";

/** Notes that the server has everything up to `commit`. */
export async function markSaved(git: Git, commit: string): Promise<void> {
  await git(["update-ref", SAVED_REF, commit]);
}

/** The commit that the server has everything up to; undefined where nothing was saved yet. */
export async function readSaved(git: Git): Promise<string | undefined> {
  const { stdout } = await git(["rev-parse", "--verify", "--quiet", `${SAVED_REF}^{commit}`], { allowExit: [1] });
  return stdout.trim() || undefined;
}
