import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LineRange } from "@background-agents/shared/reviews/comment";
import { overlappingLines } from "@background-agents/shared/reviews/overlapping-lines";
import { parseHunks, type Segment } from "@background-agents/shared/reviews/patch-hunks";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import type { Git } from "../lib/git-process.ts";
import { listChanges, readPatch } from "./object-diff.ts";
import { tryMerge } from "./try-merge.ts";

export interface CollidingFile {
  path: string;
  /** A merge of the two stops here. */
  conflicts: boolean;
  /** Lines of this side's file that both changed. */
  lines: LineRange[];
}

/** The files that collide, as each side names them. */
export interface Collisions {
  ours: CollidingFile[];
  theirs: CollidingFile[];
}

/** Of more files than this, only those at which a merge stops are told, without their lines. */
const COMPARED_FILES = 200;
const PATCH_BYTES = 5 * 1024 ** 2;

/**
 * Where two commits that began at one place touch the same lines. `objectDirs` hold their objects between them; nothing
 * is written there. Of a git before 2.38, which cannot merge without a tree, common lines count as conflicts.
 */
export async function findCollisions(
  git: Git,
  objectDirs: readonly string[],
  sides: { ours: string; theirs: string },
): Promise<Collisions> {
  const scratch = await mkdtemp(join(tmpdir(), "background-agents-collisions-"));
  try {
    const gitDir = join(scratch, "view.git");
    await git.run(["init", "--quiet", "--bare", "--template=", "-b", "main", gitDir]);
    await writeFile(join(gitDir, "objects", "info", "alternates"), objectDirs.map((dir) => `${dir}\n`).join(""));
    return await compare(git, gitDir, sides);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function compare(git: Git, gitDir: string, sides: { ours: string; theirs: string }): Promise<Collisions> {
  const found = await git.run(["merge-base", sides.ours, sides.theirs], { gitDir, allowExit: [1] });
  const base = found.stdout.trim();
  const collisions: Collisions = { ours: [], theirs: [] };
  if (found.exitCode !== 0 || base === sides.ours || base === sides.theirs) return collisions;

  const [ours, theirs] = await Promise.all([
    listChanges(git, { gitDir, from: base, to: sides.ours }),
    listChanges(git, { gitDir, from: base, to: sides.theirs }),
  ]);
  const byFormerPath = new Map(theirs.map((file) => [formerPath(file), file]));
  const common = ours.flatMap((file) => {
    const other = byFormerPath.get(formerPath(file));
    // The same content on both sides merges by itself.
    return other && other.newBlob !== file.newBlob ? [{ file, other }] : [];
  });
  if (common.length === 0) return collisions;

  const merge = await tryMerge(git, { gitDir }, sides);
  const stops = new Set("conflicts" in merge ? merge.conflicts : []);
  const isUnknown = "conflicts" in merge && merge.unknown === true;
  const readSegments = async (to: string, file: ChangedFile): Promise<Segment[]> => {
    const options = { path: file.path, formerPath: file.oldPath, context: 0, maxBytes: PATCH_BYTES };
    return parseHunks(await readPatch(git, { gitDir, from: base, to }, options)).flatMap(({ segments }) => segments);
  };
  for (const [index, { file, other }] of common.entries()) {
    const isCompared = index < COMPARED_FILES && !file.binary && !other.binary;
    const [mine, others] = isCompared
      ? await Promise.all([readSegments(sides.ours, file), readSegments(sides.theirs, other)])
      : [[], []];
    const lines = overlappingLines(mine, others);
    const otherLines = overlappingLines(others, mine);
    const touch = lines.length > 0 || otherLines.length > 0;
    const conflicts = stops.has(file.path) || stops.has(other.path) || (isUnknown && touch);
    if (!conflicts && !touch) continue;
    collisions.ours.push({ path: file.path, conflicts, lines });
    collisions.theirs.push({ path: other.path, conflicts, lines: otherLines });
  }
  return collisions;
}

function formerPath(file: ChangedFile): string {
  return file.status === "renamed" ? (file.oldPath ?? file.path) : file.path;
}
