import { resolve } from "node:path";
import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";
import { parseRemoteUrl, type RemoteAddress } from "./remote-url.ts";

export interface Remote {
  name: string;
  /**
   * Where git would push to, `insteadOf` and `pushurl` resolved, a path in full: git is called in other places, too. May
   * hold credentials: never shown, never an argument.
   */
  url: string;
  /** The same without credentials. */
  shownUrl: string;
  address: RemoteAddress;
}

/** The remotes of the user's repository that can be pushed to, `origin` first. */
export async function listRemotes(git: Git, repositoryPath: string): Promise<Remote[]> {
  const place = { cwd: repositoryPath, trust: "user" as const };
  const { stdout } = await git.run(["remote"], place);
  const names = stdout.split("\n").filter((name) => /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(name));
  const remotes = await Promise.all(
    names.map(async (name): Promise<Remote[]> => {
      const answer = await git.run(["remote", "get-url", "--push", "--", name], { ...place, allowExit: [2, 128] });
      const url = inFull(answer.stdout.split("\n")[0] ?? "", repositoryPath);
      const address = answer.exitCode === 0 ? parseRemoteUrl(url) : undefined;
      return address ? [{ name, url, shownUrl: hideCredentials(url), address }] : [];
    }),
  );
  return remotes.flat().sort((a, b) => Number(b.name === "origin") - Number(a.name === "origin"));
}

/** A relative path counts from the work tree's root, as for git itself; `~` is the remote git's to resolve. */
function inFull(url: string, repositoryPath: string): string {
  const isRelative = parseRemoteUrl(url)?.transport === "path" && !/^(\/|~|file:)/i.test(url);
  return isRelative ? resolve(repositoryPath, url) : url;
}

/**
 * The remote of that name; without a name the one pushed to before, else git's own choice for the base branch, else
 * `origin` or the only one. Throws `remote.missing`.
 */
export async function requireRemote(
  git: Git,
  repositoryPath: string,
  choice: { name?: string | undefined; last?: string | undefined; baseBranch: string },
): Promise<Remote> {
  const remotes = await listRemotes(git, repositoryPath);
  if (choice.name !== undefined) {
    const named = remotes.find(({ name }) => name === choice.name);
    if (named) return named;
    throw new AppError("remote.missing", `The repository has no remote ${choice.name} that can be pushed to.`, {
      details: { advice: `Add it: git -C ${repositoryPath} remote add ${choice.name} <address>` },
    });
  }
  const chosen = await readChoices(git, repositoryPath, choice.baseBranch);
  for (const name of [choice.last, ...chosen, "origin"]) {
    const found = remotes.find((remote) => remote.name === name);
    if (found) return found;
  }
  const [only] = remotes;
  if (only && remotes.length === 1) return only;
  const advice =
    remotes.length > 1
      ? `Choose one: ${remotes.map(({ name }) => name).join(", ")}.`
      : `Add one: git -C ${repositoryPath} remote add origin <address>`;
  throw new AppError("remote.missing", "The repository has no remote to push to.", { details: { advice } });
}

async function readChoices(git: Git, cwd: string, baseBranch: string): Promise<string[]> {
  const keys = [`branch.${baseBranch}.pushRemote`, "remote.pushDefault", `branch.${baseBranch}.remote`];
  const values = await Promise.all(
    keys.map(
      async (key) => (await git.run(["config", "--get", key], { cwd, trust: "user", allowExit: [1, 2] })).stdout,
    ),
  );
  return values.map((value) => value.trim()).filter(Boolean);
}

/** Names of the remote's branches as the user's repository knows them since its last fetch. */
export async function listRemoteBranches(git: Git, repositoryPath: string, remote: string): Promise<string[]> {
  const prefix = `refs/remotes/${remote}/`;
  const { stdout } = await git.run(["for-each-ref", "--format=%(refname)", prefix], { cwd: repositoryPath });
  return stdout
    .split("\n")
    .filter((ref) => ref.startsWith(prefix))
    .map((ref) => ref.slice(prefix.length))
    .filter((name) => name !== "HEAD");
}

/**
 * Where a pull request goes unless told otherwise: the branch that the session stands on, where the remote has it, else
 * the remote's usual main one. A session may stand on a tag, or on a branch that nobody else has.
 */
export function chooseBase(baseBranch: string, remoteBranches: readonly string[]): string {
  if (remoteBranches.length === 0 || remoteBranches.includes(baseBranch)) return baseBranch;
  return ["main", "master"].find((name) => remoteBranches.includes(name)) ?? baseBranch;
}
