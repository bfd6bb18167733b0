import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import type { Git } from "./git-process.ts";

export interface WorkRange {
  base: string;
  commit: string;
  /** A commit that the receiver has everything of, beside the base. */
  known?: string | undefined;
}

/**
 * Writes a bundle of everything between the base (and what else is known) and `commit`, with the one ref
 * {@link BUNDLE_REF}. Answers false, and writes nothing, where there is nothing between them.
 */
export async function bundleWork(git: Git, file: string, { base, commit, known }: WorkRange): Promise<boolean> {
  const without = [`^${base}`, ...(known === undefined ? [] : [`^${known}`])];
  const count = await git(["rev-list", "--count", "--max-count=1", commit, ...without]);
  if (count.stdout.trim() === "0") return false;
  await git(["update-ref", BUNDLE_REF, commit]);
  await git(["bundle", "create", "--quiet", file, BUNDLE_REF, ...without]);
  return true;
}
