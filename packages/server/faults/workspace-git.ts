import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { BUNDLE_REF, type SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";

const run = promisify(execFile);

/** Plain git, with nothing of the machine's configuration. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "-c", "gc.auto=0"];
  const { stdout } = await run("git", [...who, ...args], { cwd, env, maxBuffer: 2 ** 26 });
  return stdout.trimEnd();
}

export interface TreeOrder {
  volume: string;
  mirrorPath: string;
  spec: SandboxSpec;
  /** Brings the bundle of the session's last checkpoint. */
  fetchRestore: () => Promise<Buffer | undefined>;
}

/**
 * The session's working tree on its volume: cloned by the first container, found again by the next; where the volume was
 * lost, made anew from the last checkpoint.
 */
export async function ensureTree({ volume, mirrorPath, spec, fetchRestore }: TreeOrder): Promise<string> {
  const tree = join(volume, "tree");
  if (existsSync(join(tree, ".git", "cloned"))) return tree;
  await rm(volume, { recursive: true, force: true });
  await mkdir(volume, { recursive: true });
  await git(volume, "clone", "--quiet", "--shared", "--no-checkout", mirrorPath, tree);
  const bundle = spec.restore && (await fetchRestore());
  if (bundle) {
    await writeFile(join(volume, "restore"), bundle);
    await git(tree, "fetch", "--quiet", join(volume, "restore"), "refs/checkpoints/*:refs/restored/*");
  }
  await git(tree, "checkout", "--quiet", "-b", spec.branch, spec.restore?.commit ?? spec.baseCommit);
  await writeFile(join(tree, ".git", "cloned"), "");
  return tree;
}

/** Writes the file, commits it on the session's branch, and bundles the branch. */
export async function commitFile(
  tree: string,
  spec: SandboxSpec,
  file: { path: string; content: string },
): Promise<{ commit: string; bundle: Buffer }> {
  await writeFile(join(tree, file.path), file.content);
  await git(tree, "add", "-A");
  await git(tree, "commit", "--quiet", "-m", `Write ${file.path}`);
  const commit = await git(tree, "rev-parse", "HEAD");
  await git(tree, "update-ref", BUNDLE_REF, commit);
  const bundle = join(tree, "..", "bundle");
  await git(tree, "bundle", "create", "--quiet", bundle, `${spec.baseCommit}..${BUNDLE_REF}`);
  return { commit, bundle: await readFile(bundle) };
}
