import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import type { Git } from "./git-process.ts";

/** Fetches `ref` out of a bundle file into the tree's objects. Rejects when it is not the commit that is expected. */
export async function fetchBundle(git: Git, file: string, expected: { ref: string; commit: string }): Promise<void> {
  const { ref, commit } = expected;
  await git(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", file, `+${ref}:${BUNDLE_REF}`]);
  const got = (await git(["rev-parse", "--verify", BUNDLE_REF])).stdout.trim();
  if (got !== commit) throw new Error(`The checkpoint's bundle holds ${got} instead of ${commit}`);
}
