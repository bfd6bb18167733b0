import type { Git } from "../lib/git-process.ts";
import { refused, refuseOnFailure, type ImportLimits, type IncomingObjects } from "./bundle-import.ts";

/**
 * The checks of a commit that need its unpacked objects: it is there, whole, and of a size that can be handled.
 * Throws `checkpoint.refused`.
 */
export async function requireSound(
  deps: { git: Git; limits: ImportLimits; gitDir: string },
  incoming: IncomingObjects,
  { commit, baseCommit }: { commit: string; baseCommit: string },
): Promise<void> {
  const { git, limits, gitDir } = deps;
  const place = { gitDir, env: incoming.env, deadlineMs: limits.stepMs };
  const type = await git.run(["cat-file", "-t", commit], { ...place, allowExit: [128] });
  if (type.stdout.trim() !== "commit") throw refused(`the commit ${commit} is not known here and was not sent`);

  const known = ["--not", "--all", baseCommit, ...incoming.prerequisites];
  const walk = git.run(["rev-list", "--objects", "--quiet", commit, ...known, "--"], place);
  await refuseOnFailure("its history has holes", walk);

  let paths = 0;
  // Trees that name each other many times over fit in a few bytes and unpack to billions of files.
  const counting = git.stream(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit], {
    ...place,
    onOutput: (chunk) => {
      for (const byte of chunk) if (byte === 0) paths += 1;
      return paths > limits.paths ? "stop" : undefined;
    },
  });
  await refuseOnFailure("its tree cannot be read", counting);
  if (paths > limits.paths) throw refused(`its tree has more than ${limits.paths} files`);
}
