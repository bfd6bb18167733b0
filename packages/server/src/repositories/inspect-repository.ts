import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "@background-agents/shared/repositories/repository";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { glanceAtRepository } from "./glance-at-repository.ts";

export type Inspection = Pick<Repository, "defaultBranch" | "problem" | "notices">;

const ATTRIBUTES_BYTES = 64 * 1024;

/** As `inspectRepository`, but takes an ordinary repository at its looks: for lists. */
export async function inspectBriefly(git: Git, path: string): Promise<Inspection> {
  const defaultBranch = await glanceAtRepository(path);
  if (defaultBranch === undefined) return inspectRepository(git, path);
  return { defaultBranch, problem: null, notices: await listNotices(path) };
}

/** Reads what the repository at `path` is like: its default branch, why no session can be made on it, what to know. */
export async function inspectRepository(git: Git, path: string): Promise<Inspection> {
  if (!existsSync(join(path, ".git"))) {
    return { defaultBranch: null, problem: `There is no git repository at ${path} any more.`, notices: [] };
  }
  try {
    const [defaultBranch, formatProblem, notices] = await Promise.all([
      findDefaultBranch(git, path),
      findFormatProblem(git, path),
      listNotices(path),
    ]);
    const empty = defaultBranch === null ? "It has no commit on any branch yet: make a first commit." : null;
    return { defaultBranch, problem: formatProblem ?? empty, notices };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const owned = /dubious ownership/.test(messageOf(error));
    const problem = owned ? "It belongs to another user, so git refuses to read it: chown it." : messageOf(error);
    return { defaultBranch: null, problem, notices: [] };
  }
}

async function findDefaultBranch(git: Git, path: string): Promise<string | null> {
  const { stdout } = await git.run(["for-each-ref", "--format=%(HEAD)%(refname:strip=2)", "refs/heads/"], {
    cwd: path,
  });
  const lines = stdout.split("\n").filter(Boolean);
  const checkedOut = lines.find((line) => line.startsWith("*"));
  if (checkedOut) return checkedOut.slice(1);
  const names = new Set(lines.map((line) => line.slice(1)));
  if (names.size === 0) return null;

  const remote = await git.run(["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"], { cwd: path, allowExit: [1] });
  const upstream = remote.stdout.trim().replace(/^refs\/remotes\/origin\//, "");
  const usual = [upstream, "main", "master"].find((name) => names.has(name));
  if (usual) return usual;
  const latest = await git.run(
    ["for-each-ref", "--count=1", "--sort=-committerdate", "--format=%(refname:strip=2)", "refs/heads/"],
    { cwd: path },
  );
  return latest.stdout.trim() || null;
}

async function findFormatProblem(git: Git, path: string): Promise<string | null> {
  const format = await git.run(["rev-parse", "--show-object-format", "--is-shallow-repository"], { cwd: path });
  const [objectFormat, shallow] = format.stdout.split("\n");
  if (objectFormat !== "sha1") return `Its object format is ${objectFormat}; only SHA-1 repositories are supported.`;
  if (shallow === "true") return "It is a shallow clone: get its whole history with git fetch --unshallow.";
  const promisor = await git.run(
    ["config", "--local", "--get-regexp", String.raw`^(extensions\.partialclone|remote\..*\.promisor)$`],
    { cwd: path, allowExit: [1] },
  );
  if (promisor.exitCode === 0)
    return "It is a partial clone, whose objects are not all here: clone it without --filter.";
  return null;
}

async function listNotices(path: string): Promise<string[]> {
  const notices: string[] = [];
  if (existsSync(join(path, ".gitmodules"))) {
    notices.push("It has submodules: sessions see them as empty directories.");
  }
  if (/filter=lfs/.test(await readHead(join(path, ".gitattributes")))) {
    notices.push("It uses Git LFS: sessions see pointer files in place of the large files.");
  }
  return notices;
}

async function readHead(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ATTRIBUTES_BYTES), 0, ATTRIBUTES_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return "";
  } finally {
    await file.close();
  }
}
