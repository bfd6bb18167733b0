import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "./git-command-process.ts";

/** Raised where the same sizes give another repository. */
const GENERATION = 1;
const FILES_IN_A_DIRECTORY = 50;
const DIRECTORIES_IN_A_PACKAGE = 20;
const CHANGED_IN_A_COMMIT = 3;

export interface RepositorySize {
  files: number;
  commits: number;
}

/** Where the n-th file lies. */
export function pathOfFile(index: number): string {
  const directory = Math.floor(index / FILES_IN_A_DIRECTORY);
  const box = Math.floor(directory / DIRECTORIES_IN_A_PACKAGE);
  return `packages/p${box}/src/module${directory % DIRECTORIES_IN_A_PACKAGE}/file${index % FILES_IN_A_DIRECTORY}.ts`;
}

/** A file's content after so many changes, each of which touches one line: 10 to 89 lines of some 35 characters. */
export function contentOfFile(index: number, version: number): string {
  const lines = 10 + (scramble(index) % 80);
  const text: string[] = [];
  for (let line = 0; line < lines; line++) {
    const touched = version > 0 && line === version % lines ? version : 0;
    text.push(`export const value${line} = ${scramble(index * 131 + line * 7 + touched)}; // ${touched}`);
  }
  return `${text.join("\n")}\n`;
}

/** The same number for the same number, without a pattern. */
function scramble(seed: number): number {
  let value = (seed + 0x9e37_79b9) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b) >>> 0;
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * A repository of that size with a checkout on `main`, made once and kept in the system's directory for temporary files.
 * The same sizes give the same commits.
 */
export async function ensureLargeRepository(size: RepositorySize): Promise<string> {
  const name = `repository-${size.files}-files-${size.commits}-commits-${GENERATION}`;
  const parent = join(tmpdir(), "background-agents-bench");
  const path = join(parent, name);
  if (existsSync(path)) return path;
  const partial = `${path}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await git(partial, "init", "--quiet", "-b", "main");
    await git(partial, "config", "user.name", "Ada Example");
    await git(partial, "config", "user.email", "ada@example.org");
    await importCommits(partial, size);
    await git(partial, "gc", "--quiet");
    await git(partial, "reset", "--quiet", "--hard", "main");
    await rename(partial, path);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return path;
}

async function importCommits(repository: string, size: RepositorySize): Promise<void> {
  const child = spawn("git", ["fast-import", "--quiet", "--done"], {
    cwd: repository,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  for (const piece of fastImportStream(size)) if (!child.stdin.write(piece)) await once(child.stdin, "drain");
  child.stdin.end("done\n");
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

function* fastImportStream({ files, commits }: RepositorySize): Generator<string> {
  const versions = new Uint32Array(files);
  for (let commit = 0; commit < commits; commit++) {
    const message = `Change ${commit}\n`;
    const who = `Ada Example <ada@example.org> ${1_600_000_000 + commit * 600} +0000`;
    yield `commit refs/heads/main\ncommitter ${who}\ndata ${Buffer.byteLength(message)}\n${message}`;
    if (commit === 0) for (let index = 0; index < files; index++) yield fileCommand(index, 0);
    for (let change = 0; commit > 0 && change < CHANGED_IN_A_COMMIT; change++) {
      const index = scramble(commit * 17 + change) % files;
      versions[index] = (versions[index] ?? 0) + 1;
      yield fileCommand(index, versions[index] ?? 0);
    }
    yield "\n";
  }
}

function fileCommand(index: number, version: number): string {
  const content = contentOfFile(index, version);
  return `M 100644 inline ${pathOfFile(index)}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
}
