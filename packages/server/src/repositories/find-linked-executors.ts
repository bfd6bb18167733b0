import { findExecutor } from "@background-agents/shared/reviews/executed-files";
import type { Git, GitOptions } from "../lib/git-process.ts";

interface TreeEntry {
  id: string;
  path: string;
}

const LINK = "120000";
/** More links of this kind than any honest tree has. */
const FOLLOWED_LINKS = 200;

/**
 * Why tools would execute a file by way of a link: by the ids of the blobs that links in `commit` lead to from where
 * executed files are looked for (`.vscode -> conf` makes `conf/tasks.json` one). Links are followed within the tree.
 */
export async function findLinkedExecutors(git: Git, place: GitOptions, commit: string): Promise<Map<string, string>> {
  const links: string[] = [];
  await readTree(git, { ...place, tree: commit, kind: "links" }, ({ path }) => {
    if (links.length < FOLLOWED_LINKS && findExecutor(path, "link") !== null) links.push(path);
  });
  const found = new Map<string, string>();
  const add = (id: string, link: string, path: string): void => {
    const why = findExecutor(path);
    if (why !== null && !found.has(id)) found.set(id, `${why.replace(/\.$/, "")}, by the link ${link}.`);
  };
  for (const link of links) {
    const target = await follow(git, place, `${commit}:${link}`);
    if (target?.type === "blob") add(target.id, link, link);
    if (target?.type !== "tree") continue;
    await readTree(git, { ...place, tree: target.id, kind: "files" }, ({ id, path }) =>
      add(id, link, `${link}/${path}`),
    );
  }
  return found;
}

/** What stands at the end of a link; undefined where that is nothing, or outside of the tree. */
async function follow(git: Git, place: GitOptions, name: string): Promise<{ id: string; type: string } | undefined> {
  // One line is one name.
  if (name.includes("\n")) return undefined;
  const asked = ["cat-file", "--batch-check=%(objectname) %(objecttype)", "--follow-symlinks"];
  const { stdout } = await git.run(asked, { ...place, input: `${name}\n` });
  const [, id, type] = /^([0-9a-f]{40,64}) (blob|tree)\n/.exec(stdout) ?? [];
  return id === undefined || type === undefined ? undefined : { id, type };
}

/** Goes through a tree, whatever its size: what is not asked for is not kept. */
async function readTree(
  git: Git,
  { tree, kind, ...place }: GitOptions & { tree: string; kind: "links" | "files" },
  onEntry: (entry: TreeEntry) => void,
): Promise<void> {
  let rest = "";
  await git.stream(["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree], {
    ...place,
    onOutput: (chunk) => {
      // Byte for character: a chunk may end within one.
      const lines = (rest + chunk.toString("latin1")).split("\0");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith(LINK) !== (kind === "links")) continue;
        const tab = line.indexOf("\t");
        const path = Buffer.from(line.slice(tab + 1), "latin1").toString("utf8");
        onEntry({ id: line.slice(line.lastIndexOf(" ", tab) + 1, tab), path });
      }
      return undefined;
    },
  });
}
