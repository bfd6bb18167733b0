import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { readBundleHeader, type BundleHeader } from "./bundle-header.ts";
import { receiveFile } from "./receive-file.ts";

export interface ImportLimits {
  bundleBytes: number;
  /** Objects in one bundle. */
  objects: number;
  /** All objects of one bundle, unpacked. */
  unpackedBytes: number;
  /** Files in one commit's tree. */
  paths: number;
  /** The largest piece of memory git may ask for at once. */
  allocationBytes: number;
  /** How long git may take for one step. */
  stepMs: number;
  /** How long the upload may stand still. */
  idleMs: number;
}

export const DEFAULT_IMPORT_LIMITS: ImportLimits = {
  bundleBytes: 1024 ** 3,
  objects: 500_000,
  unpackedBytes: 4 * 1024 ** 3,
  paths: 2_000_000,
  allocationBytes: 768 * 1024 ** 2,
  stepMs: 300_000,
  idleMs: 60_000,
};

/** Objects that are checked but not yet part of the quarantine. */
export interface IncomingObjects {
  /** Points git at them, beside everything the quarantine has. */
  env: Record<string, string>;
  /** Commits the bundle builds on: known to be whole. */
  prerequisites: string[];
  /** Makes them part of the quarantine. */
  accept(): Promise<void>;
}

interface ImportDeps {
  git: Git;
  limits: ImportLimits;
  /** The session's quarantine. */
  gitDir: string;
  /** Scratch space on the same file system; emptied first. */
  incomingDir: string;
}

/**
 * Takes a bundle in and unpacks it beside the quarantine, every object checked. git itself is not asked to fetch from
 * the bundle: before 2.46 that ignores `fetch.fsckObjects`, and it has no limit on size.
 * `null` or an empty stream brings nothing. Throws `checkpoint.refused`.
 */
export async function receiveBundle(
  deps: ImportDeps,
  bundle: Readable | null,
  commit: string,
): Promise<IncomingObjects> {
  const { incomingDir, limits } = deps;
  await rm(incomingDir, { recursive: true, force: true });
  const objectsDir = join(incomingDir, "objects");
  await mkdir(join(objectsDir, "pack"), { recursive: true });
  await mkdir(join(objectsDir, "info"));
  await writeFile(join(objectsDir, "info", "alternates"), `${join(deps.gitDir, "objects")}\n`);
  const env = { GIT_OBJECT_DIRECTORY: objectsDir, GIT_ALLOC_LIMIT: String(limits.allocationBytes) };

  const file = join(incomingDir, "bundle");
  const size =
    bundle === null ? 0 : await receiveFile(bundle, file, { bytes: limits.bundleBytes, idleMs: limits.idleMs });
  if (size === 0) return { env, prerequisites: [], accept: async () => undefined };

  const header = await readBundleHeader(file);
  requireAnnounced(header, commit, limits);
  await requireKnown(deps, env, header.prerequisites);
  await unpack(deps, env, { file, header });
  return {
    env,
    prerequisites: header.prerequisites,
    accept: () => movePacks(join(objectsDir, "pack"), join(deps.gitDir, "objects", "pack")),
  };
}

/** Runs one step of an import; whatever fails in it is the bundle's fault. */
export async function refuseOnFailure<T>(what: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof AppError && error.code !== "git.failed") throw error;
    throw refused(`${what}: ${messageOf(error)}`, error);
  }
}

function requireAnnounced(header: BundleHeader, commit: string, limits: ImportLimits): void {
  const [ref, ...others] = header.refs;
  if (!ref || others.length > 0) throw refused(`it carries ${header.refs.length} refs, not one`);
  if (ref.name !== BUNDLE_REF) throw refused(`it carries the ref ${ref.name.slice(0, 100)}, not ${BUNDLE_REF}`);
  if (ref.commit !== commit) throw refused(`it carries ${ref.commit}, announced was ${commit}`);
  if (header.objectCount > limits.objects) {
    throw refused(`it carries ${header.objectCount} objects, more than ${limits.objects}`);
  }
}

async function requireKnown(deps: ImportDeps, env: Record<string, string>, commits: string[]): Promise<void> {
  if (commits.length === 0) return;
  const { stdout } = await deps.git.run(["cat-file", "--batch-check=%(objecttype)"], {
    gitDir: deps.gitDir,
    env,
    input: commits.map((commit) => `${commit}\n`).join(""),
  });
  const missing = commits.find((_, place) => stdout.split("\n")[place] !== "commit");
  if (missing) throw refused(`it builds on the commit ${missing}, which is not known here`);
}

async function unpack(
  deps: ImportDeps,
  env: Record<string, string>,
  bundle: { file: string; header: BundleHeader },
): Promise<void> {
  const { git, gitDir, limits } = deps;
  const options = { gitDir, env, deadlineMs: limits.stepMs };
  const indexing = git.run(
    [
      ...["-c", "core.bigFileThreshold=32m", "index-pack", "--stdin", "--fix-thin", "--strict", "--threads=1"],
      `--max-input-size=${limits.bundleBytes}`,
    ],
    { ...options, input: createReadStream(bundle.file, { start: bundle.header.packOffset }), timeoutMs: limits.stepMs },
  );
  await refuseOnFailure("its objects are not sound", indexing);

  const packDir = join(env["GIT_OBJECT_DIRECTORY"] ?? "", "pack");
  const index = (await readdir(packDir)).find((name) => name.endsWith(".idx"));
  if (!index) return;
  const listing = await git.run(["show-index"], { ...options, input: createReadStream(join(packDir, index)) });
  const ids = listing.stdout.replaceAll(/^\d+ ([0-9a-f]+).*$/gm, "$1");
  const sizes = await git.run(["cat-file", "--batch-check=%(objectsize)"], { ...options, input: ids });
  const total = sizes.stdout.split("\n").reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
  if (total > limits.unpackedBytes) throw refused(`it unpacks to ${total} bytes, more than ${limits.unpackedBytes}`);
}

/** From one directory of packs to another. The index goes last: without it git does not see the pack. */
export async function movePacks(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).sort((a, b) => Number(a.endsWith(".idx")) - Number(b.endsWith(".idx")));
  for (const name of names) await rename(join(from, name), join(to, name));
}

export function refused(why: string, cause?: unknown): AppError {
  return new AppError("checkpoint.refused", `The checkpoint was refused: ${why}.`, { cause });
}
