import { z } from "zod";
import type { Git } from "./git-process.ts";

/** In the clone's config: the paths that the user was told no checkpoint takes, as they were at the last one. */
const TOLD = "background-agents.told";

const Paths = z.array(z.string());

export async function readTold(git: Git): Promise<ReadonlySet<string>> {
  const { stdout } = await git(["config", "--get", TOLD], { allowExit: [1] });
  try {
    return new Set(Paths.parse(JSON.parse(stdout)));
  } catch {
    // Nothing was told yet, or it is not ours: telling twice is better than never.
    return new Set();
  }
}

/** Notes which paths the user knows of, in the place of those in `told`: one that comes again is told again. */
export async function markTold(git: Git, told: ReadonlySet<string>, paths: readonly string[]): Promise<void> {
  if (paths.length === told.size && paths.every((path) => told.has(path))) return;
  // Where the config cannot be written the user is told once more: no reason to fail what saves the work.
  await git(["config", TOLD, JSON.stringify(paths)]).catch(() => undefined);
}
