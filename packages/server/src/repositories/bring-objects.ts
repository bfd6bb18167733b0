import type { Git } from "../lib/git-process.ts";

/**
 * Brings a commit and what it needs from one repository of this machine into the user's. No ref is written: the objects
 * lie unreferenced for a moment, and a crash leaves no ref behind. No hook, no maintenance, no FETCH_HEAD.
 */
export async function bringObjects(git: Git, order: { from: string; into: string; commit: string }): Promise<void> {
  await git.run(
    [
      ...["-c", "fetch.fsckObjects=true", "-c", "fetch.writeCommitGraph=false", "-c", "core.logAllRefUpdates=false"],
      ...["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-prune"],
      ...["--no-recurse-submodules", "--refmap=", "--end-of-options", order.from, order.commit],
    ],
    { cwd: order.into },
  );
}
