import type { Git } from "../lib/git-process.ts";

/** What a merge of two commits makes: the tree, or the files at which it stops; both unknown to a git before 2.38. */
export type TriedMerge = { tree: string } | { conflicts: string[]; unknown?: true };

/**
 * Merges two commits in a bare repository without a working tree. No attribute, driver or hook of a tree has a say.
 * Writes objects: `env` may point git at a place for those that nobody needs afterwards.
 */
export async function tryMerge(
  git: Git,
  place: { gitDir: string; env?: Record<string, string> },
  sides: { ours: string; theirs: string },
): Promise<TriedMerge> {
  const { exitCode, stdout } = await git.run(
    ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", sides.ours, sides.theirs],
    { ...place, allowExit: [1, 128, 129], deadlineMs: 60_000 },
  );
  const [tree = "", ...files] = stdout.split("\0").filter(Boolean);
  if (exitCode === 0) return { tree };
  if (exitCode === 1) return { conflicts: [...new Set(files)] };
  return { conflicts: [], unknown: true };
}
