import type { Git } from "../lib/git-process.ts";

export type RepositoryPlace = { cwd: string } | { gitDir: string };

/** The refs that are `ref` or stand below it, with the objects they name. `ref` must be free of glob characters. */
export async function listRefs(git: Git, place: RepositoryPlace, ref: string): Promise<Map<string, string>> {
  const { stdout } = await git.run(["for-each-ref", "--format=%(refname) %(objectname)", ref], place);
  const lines = stdout.split("\n").filter(Boolean);
  return new Map(
    lines.map((line): [string, string] => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
}

/** The object that exactly this ref names; undefined where there is no such ref. */
export async function findRef(git: Git, place: RepositoryPlace, ref: string): Promise<string | undefined> {
  return (await listRefs(git, place, ref)).get(ref);
}
