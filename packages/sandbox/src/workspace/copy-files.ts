import { appendFile, lstat, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface CopiedFile {
  /** Relative to the tree, with `/`. */
  path: string;
  executable: boolean;
  content: Buffer;
}

/** Whether a path stays inside the tree and out of git's own directories, whatever the file system makes of it. */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > 4096 || path.startsWith("/") || path.includes("\0") || path.includes("\\"))
    return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/^\.git$/i.test(part));
}

/**
 * Writes files that git does not hold into a tree, for its owner alone; git ignores them there from now on, so that they
 * get into no commit. One that is there already stays as it is. Answers which were written and which not, and why.
 */
export async function copyFiles(
  tree: string,
  files: AsyncIterable<CopiedFile> | Iterable<CopiedFile>,
): Promise<{ written: string[]; leftOut: { path: string; reason: string }[] }> {
  const written: string[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  for await (const file of files) {
    const reason = isSafePath(file.path) ? await write(tree, file) : "its path leads out of the tree";
    if (reason === undefined) written.push(file.path);
    else leftOut.push({ path: file.path, reason });
  }
  return { written, leftOut };
}

async function write(tree: string, { path, executable, content }: CopiedFile): Promise<string | undefined> {
  const directory = dirname(path);
  if (!(await makeDirectories(tree, directory))) return "a link or a file is in its way";
  try {
    const file = await open(join(tree, path), "wx", executable ? 0o700 : 0o600);
    try {
      // Before the content: a crash between the two must not leave a secret that git would commit.
      await appendFile(join(tree, ".git/info/exclude"), `/${escapePattern(path)}\n`);
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return "there is such a file already";
    throw error;
  }
}

/** Makes the directories above a file, never through a link. */
async function makeDirectories(tree: string, directory: string): Promise<boolean> {
  if (directory === ".") return true;
  let at = tree;
  for (const part of directory.split("/")) {
    at = join(at, part);
    await mkdir(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await lstat(at)).isDirectory()) return false;
  }
  return true;
}

/** A path as a line of gitignore that means exactly this path. */
function escapePattern(path: string): string {
  return path.replaceAll(/[\\*?[\]!# \t]/g, "\\$&").replaceAll("\n", "?");
}
