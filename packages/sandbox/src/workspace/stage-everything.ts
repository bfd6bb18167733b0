import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type NestedOrder, openNestedRepositories } from "./nested-repositories.ts";
import { type FileSize, pickOversizedFiles } from "./oversized-files.ts";

export interface StageOrder extends NestedOrder {
  /** Most new file data, in bytes, that is taken. */
  limitBytes: number;
}

export interface Staged {
  /** What was too large to take, largest first. */
  oversized: FileSize[];
  /** Repositories of their own that files were taken of for the first time. */
  opened: string[];
  /** Repositories of their own that nothing was taken of. */
  closed: { path: string; reason: string }[];
}

/** Brings the index at `env` to what the working tree holds: everything that git does not ignore, up to the limit. */
export async function stageEverything(order: StageOrder): Promise<Staged> {
  const { tree, git, env, limitBytes } = order;
  const { opened, closed, changed } = await openNestedRepositories(order);
  const files: FileSize[] = [];
  for (const path of changed) {
    const info = await lstat(join(tree, path)).catch(() => undefined);
    if (info?.isFile()) files.push({ path, bytes: info.size });
  }
  const oversized = pickOversizedFiles(files, limitBytes);
  const excluded = [...oversized, ...closed].map(({ path }) => `:(top,exclude,literal)${path}`);
  await git(["-c", "advice.addEmbeddedRepo=false", "add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"], {
    env,
    input: [".", ...excluded].join("\0"),
  });
  const hasFiles = (repository: string) => files.some(({ path }) => path.startsWith(`${repository}/`));
  return { oversized, opened: opened.filter(hasFiles), closed };
}
