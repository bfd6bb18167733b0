import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/** Plain git as a user runs it, with none of the server's precautions but no configuration of the machine either. */
export function plainGit(
  cwd: string,
  args: string[],
  options: { input?: Buffer | string; env?: Record<string, string> } = {},
): string {
  const answer = execFileSync("git", args, {
    cwd,
    input: options.input ?? "",
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/nonexistent",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
      ...options.env,
    },
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["pipe", "pipe", "pipe"],
  });
  return answer.toString("utf8").trimEnd();
}

/** A temporary directory with symlinks resolved, and what removes it. */
export function makeTempDir(): { dir: string; remove: () => void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "background-agents-git-")));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function writeFiles(root: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Writes files, commits everything, gives the commit. */
export function commitFiles(repository: string, files: Record<string, string | Buffer>, message = "Change"): string {
  writeFiles(repository, files);
  plainGit(repository, ["add", "-A"]);
  plainGit(repository, ["commit", "--quiet", "-m", message]);
  return plainGit(repository, ["rev-parse", "HEAD"]);
}

/** A repository on `main` with one commit. */
export function makeRepository(
  path: string,
  files: Record<string, string | Buffer> = { "README.md": "# Sample\n" },
): string {
  mkdirSync(path, { recursive: true });
  plainGit(path, ["init", "--quiet", "-b", "main"]);
  commitFiles(path, files, "First");
  return path;
}

/** Puts a hook in place that writes its name into `<repository>/../hook-ran`. */
export function plantHooks(hooksDir: string, evidence: string): void {
  mkdirSync(hooksDir, { recursive: true });
  for (const hook of [
    "reference-transaction",
    "post-checkout",
    "post-merge",
    "pre-commit",
    "post-commit",
    "update",
    "post-receive",
    "pre-auto-gc",
  ]) {
    writeFileSync(join(hooksDir, hook), `#!/bin/sh\necho ${hook} >> '${evidence}'\n`);
    chmodSync(join(hooksDir, hook), 0o755);
  }
}

/** Path → mode and content hash of everything under `root`, directories too. */
export function hashTree(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (directory: string) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const mode = lstatSync(path).mode.toString(8);
      if (entry.isDirectory()) {
        found.set(`${relative(root, path)}/`, mode);
        visit(path);
      } else {
        const content = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
        found.set(relative(root, path), `${mode} ${createHash("sha256").update(content).digest("hex")}`);
      }
    }
  };
  visit(root);
  return found;
}
