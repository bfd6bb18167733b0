import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SESSION_TRAILER } from "@background-agents/shared/git/commit-message";
import type { Git } from "./git-process.ts";

export interface CloneSettings {
  git: Git;
  sessionId: string;
  branch: string;
  /** The address of `origin`. */
  origin: string;
}

/** Where git in a sandbox fetches from and pushes to, unless the user's own credentials are there: the server. */
export const BROKERED_ORIGIN = "background-agents::origin";

/**
 * Makes the clone ready for the agent's own git: `origin` leads to the server (or to the user's remote), a plain
 * `git push` takes the session's branch, and each commit names the session. Safe to do again, at each boot.
 */
export async function configureClone({ git, sessionId, branch, origin }: CloneSettings): Promise<void> {
  await git(["config", "remote.origin.url", origin]);
  await git(["config", "push.default", "current"]);
  await git(["config", "push.autoSetupRemote", "true"]);
  await git(["config", "background-agents.branch", branch]);
  const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim();
  const hook = join(gitDir, "hooks", "prepare-commit-msg");
  const present = await readFile(hook, "utf8").catch(() => undefined);
  // A hook that the agent's tools installed stays.
  if (present !== undefined && !present.includes(OURS)) return;
  await mkdir(join(gitDir, "hooks"), { recursive: true });
  await writeFile(hook, trailerHook(sessionId));
  await chmod(hook, 0o755);
}

const OURS = "# Names the session of Background Agents";

/**
 * A hook of the clone's own. A repository that sets `core.hooksPath` (husky and the like) has git look elsewhere; such
 * commits go without the trailer.
 */
function trailerHook(sessionId: string): string {
  return `#!/bin/sh
${OURS} in the commit's message, once; an empty message stays empty.
grep -q '^[^#[:space:]]' "$1" || exit 0
exec git interpret-trailers --in-place --if-exists doNothing --trailer '${SESSION_TRAILER}: ${sessionId}' "$1"
`;
}
