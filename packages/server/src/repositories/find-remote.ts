import type { Git } from "../lib/git-process.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";
import { isBranchName } from "./ref-name.ts";

export interface Remote {
  name: string;
  /** Where pushes go, without credentials: to be shown. */
  url: string;
  /** Where git fetches from, as the user has it. */
  fetchUrl: string;
}

/**
 * The remote that a session's work goes to: the one its base branch follows, else `origin`, else the only one there is.
 * Undefined where the repository has none. Addresses are read as the user's own git would (`insteadOf`).
 */
export async function findRemote(
  git: Git,
  { repositoryPath: cwd, baseBranch }: { repositoryPath: string; baseBranch: string },
): Promise<Remote | undefined> {
  const asUser = { cwd, trust: "user" as const };
  const names = (await git.run(["remote"], asUser)).stdout.split("\n").filter(Boolean);
  const key = isBranchName(baseBranch) ? `branch.${baseBranch}.remote` : "";
  const followed = key ? (await git.run(["config", "--get", key], { ...asUser, allowExit: [1] })).stdout.trim() : "";
  const name = names.find((one) => one === followed) ?? names.find((one) => one === "origin");
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) return undefined;
  const read = async (...options: string[]) =>
    (await git.run(["remote", "get-url", ...options, "--", chosen], { ...asUser, allowExit: [2, 128] })).stdout
      .split("\n")[0]
      ?.trim() ?? "";
  const [fetchUrl, pushUrl] = await Promise.all([read(), read("--push")]);
  if (!fetchUrl) return undefined;
  return { name: chosen, url: hideCredentials(pushUrl || fetchUrl), fetchUrl };
}
