import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import type { Git } from "./git-process.ts";

/**
 * Writes a bundle of everything between the base and `commit`, with the one ref {@link BUNDLE_REF}. Answers false, and
 * writes nothing, where there is nothing between them.
 */
export async function bundleWork(git: Git, file: string, range: { base: string; commit: string }): Promise<boolean> {
  const { base, commit } = range;
  const count = await git(["rev-list", "--count", "--max-count=1", commit, `^${base}`]);
  if (count.stdout.trim() === "0") return false;
  await git(["update-ref", BUNDLE_REF, commit]);
  await git(["bundle", "create", "--quiet", file, BUNDLE_REF, `^${base}`]);
  return true;
}
