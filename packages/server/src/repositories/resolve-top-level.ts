import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";

/**
 * The real path of the git top level that `path` is (symlinks resolved). Anything else throws `repository.invalid` with
 * what it is instead.
 */
export async function resolveTopLevel(git: Git, path: string): Promise<string> {
  if (!isAbsolute(path) || path.includes("\0")) {
    throw invalid(`${JSON.stringify(path)} is neither the id of a repository nor an absolute path.`);
  }
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    throw invalid(error.code === "EACCES" ? `${path} may not be read.` : `There is nothing at ${path}.`, error);
  });
  if (!(await stat(real)).isDirectory()) throw invalid(`${path} is a file, not the directory of a git repository.`);

  const answer = await git.run(["rev-parse", "--is-bare-repository", "--is-inside-git-dir"], {
    cwd: real,
    discover: true,
    allowExit: [128],
  });
  if (answer.exitCode !== 0) throw invalid(explain(path, answer.stderr));
  const [bare, insideGitDir] = answer.stdout.split("\n");
  if (insideGitDir === "true" || bare === "true") {
    const what =
      bare === "true" ? "a bare repository, without a working tree" : "inside the .git directory of a repository";
    throw invalid(`${path} is ${what}: give the top level of a repository that has one.`);
  }
  const { stdout } = await git.run(["rev-parse", "--show-toplevel"], { cwd: real, discover: true });
  const top = await realpath(stdout.replace(/\n$/, ""));
  if (top !== real)
    throw invalid(`${path} is a sub-directory of the repository ${top}: give that.`, undefined, { top });
  return real;
}

/** Whether `path` is `directory` or lies in it; both must be real paths. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function explain(path: string, stderr: string): string {
  if (/dubious ownership/.test(stderr)) {
    return `${path} belongs to another user, so git refuses to read it: make its files your own (chown -R) or clone it.`;
  }
  if (/not a git repository/.test(stderr)) {
    return `${path} is not a git repository: run git init there and make a first commit, or give another path.`;
  }
  return `git cannot read ${path}: ${stderr.trim().split("\n").at(-1)}`;
}

function invalid(message: string, cause?: unknown, details?: unknown): AppError {
  return new AppError("repository.invalid", message, { cause, details });
}
