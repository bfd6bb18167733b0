import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "../lib/git-process.ts";
import type { WorkTreeMove } from "./work-trees.ts";

/**
 * Files of the user's that stand where the move would write new ones, tracked by nothing. git refuses to overwrite such a
 * file unless it is ignored; here an ignored one (`.env`, a build's output) counts just the same.
 */
export async function findInWay(git: Git, move: WorkTreeMove, env: Record<string, string>): Promise<string[]> {
  const place = { cwd: move.worktree, env };
  const { stdout } = await git.run(
    ["diff-tree", "-r", "-z", "--no-renames", "--name-status", "--end-of-options", move.from, move.to],
    { ...place, maxOutputBytes: 64 * 1024 * 1024 },
  );
  const fields = stdout.split("\0");
  const removed = new Set<string>();
  const added: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = fields[at + 1] ?? "";
    if (fields[at] === "D") removed.add(path);
    if (fields[at] === "A") added.push(path);
  }

  const directories = new Set<string>();
  const found: string[] = [];
  for (const path of added) {
    const obstacle = await findObstacle(path);
    if (obstacle !== undefined) found.push(obstacle);
  }
  return found;

  async function findObstacle(path: string): Promise<string | undefined> {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const part = parts.slice(0, depth).join("/");
      if (directories.has(part) && depth < parts.length) continue;
      const entry = await lstat(join(move.worktree, part)).catch(() => undefined);
      if (!entry || removed.has(part)) return undefined;
      if (!entry.isDirectory()) return part;
      if (depth === parts.length) return findUntracked(part);
      directories.add(part);
    }
    return undefined;
  }

  /** A directory becomes a file: what is in it beside tracked files would be lost. */
  async function findUntracked(directory: string): Promise<string | undefined> {
    const others = await git.run(["ls-files", "--others", "-z", "--", directory], place);
    return others.stdout.split("\0")[0] || undefined;
  }
}
