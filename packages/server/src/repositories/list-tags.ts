import type { Git } from "../lib/git-process.ts";

const TAGS = 200;

/** The newest tags of the repository at `path`, at most 200. */
export async function listTags(git: Git, path: string): Promise<string[]> {
  const { stdout } = await git.run(
    ["for-each-ref", `--count=${TAGS}`, "--sort=-creatordate", "--format=%(refname:strip=2)", "refs/tags/"],
    { cwd: path },
  );
  return stdout.split("\n").filter(Boolean);
}
