import type { ChangeCounts } from "@background-agents/shared/sessions/session";
import type { Git } from "../lib/git-process.ts";
import { findRef } from "./git-refs.ts";
import type { Mirrors, SessionBase } from "./mirror.ts";
import { countChanges, listChanges } from "./object-diff.ts";
import type { Quarantine } from "./quarantine.ts";

export interface MovedBase {
  branch: string;
  commit: string;
  /** From there to the session's work. */
  changes: ChangeCounts;
}

/**
 * Where the session's work now branches off from its base branch as the mirror has it, if that is not its base commit any
 * more: the agent merged the branch, or rebased onto it. The mirror keeps that commit for the session from then on.
 */
export async function findMovedBase(
  deps: { git: Git; mirrors: Pick<Mirrors, "path" | "pin">; quarantine: Pick<Quarantine, "path"> },
  session: SessionBase,
  commit: string,
): Promise<MovedBase | undefined> {
  const { git, mirrors } = deps;
  const { id, repository, baseBranch: branch, baseCommit } = session;
  const gitDir = deps.quarantine.path(id);
  const tip = await findRef(git, { gitDir: mirrors.path(repository.id) }, `refs/heads/${branch}`);
  if (tip === undefined || tip === baseCommit) return undefined;
  const place = { gitDir, allowExit: [1, 128] };
  const base = (await git.run(["merge-base", tip, commit], place)).stdout.trim();
  if (base === "" || base === baseCommit) return undefined;
  const isAncestor = async (of: string) =>
    (await git.run(["merge-base", "--is-ancestor", baseCommit, of], place)).exitCode === 0;
  if (!(await isAncestor(base)) && (await isAncestor(commit))) return undefined;
  await mirrors.pin(repository.id, id, base);
  return { branch, commit: base, changes: countChanges(await listChanges(git, { gitDir, from: base, to: commit })) };
}
