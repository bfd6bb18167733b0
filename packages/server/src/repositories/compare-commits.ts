import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Git } from "../lib/git-process.ts";
import { tryMerge } from "./try-merge.ts";

export interface ComparedCommits {
  /** Commits of `theirs` that `ours` does not have. */
  behind: number;
  /** Commits of `ours` that `theirs` does not have. */
  ahead: number;
  /** Files at which a merge of the two would stop. */
  conflicts: string[];
}

/** How two commits of a bare repository stand to each other; leaves nothing there. */
export async function compareCommits(
  git: Git,
  gitDir: string,
  sides: { ours: string; theirs: string },
): Promise<ComparedCommits> {
  const { ours, theirs } = sides;
  const counted = await git.run(["rev-list", "--left-right", "--count", `${ours}...${theirs}`, "--"], { gitDir });
  const [ahead = 0, behind = 0] = counted.stdout.trim().split(/\s+/).map(Number);
  if (ahead === 0 || behind === 0) return { ahead, behind, conflicts: [] };
  const scratch = await mkdtemp(join(tmpdir(), "background-agents-merge-"));
  try {
    const objects = join(scratch, "objects");
    await mkdir(objects);
    const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDir, "objects") };
    const merged = await tryMerge(git, { gitDir, env }, sides);
    return { ahead, behind, conflicts: "tree" in merged ? [] : merged.conflicts };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
