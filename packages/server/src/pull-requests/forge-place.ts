import { AppError } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import { compareUrl, ownerAndName } from "../publishing/remote-url.ts";
import { listRemotes, type Remote } from "../publishing/remotes.ts";
import type { ForgeRepository } from "./gh-client.ts";

/** Where a pull request from a remote's branch goes. */
export interface ForgePlace {
  /** The repository that takes it: of the remote `upstream` where there is one on the same host, else of the remote. */
  repository: ForgeRepository;
  /** Who owns the repository that the branch is pushed to. */
  owner: string;
  /** How gh names the branch: with its owner where that is another repository. */
  headOf: (branch: string) => string;
}

/** The repository of a remote on a host that could take pull requests; undefined for a path or another shape of address. */
export function forgeOf(remote: Remote): ForgeRepository | undefined {
  const path = ownerAndName(remote.address);
  const { host } = remote.address;
  if (path === null || host === null) return undefined;
  return { host: HOSTS[host] ?? host, path };
}

/** Where GitHub answers to SSH when port 22 is closed. */
const HOSTS: Record<string, string> = { "ssh.github.com": "github.com" };

export async function findForgePlace(
  git: Git,
  repositoryPath: string,
  remote: Remote,
): Promise<ForgePlace | undefined> {
  const pushed = forgeOf(remote);
  if (!pushed) return undefined;
  const upstream = (await listRemotes(git, repositoryPath)).find(({ name }) => name === "upstream");
  const parent = upstream && forgeOf(upstream);
  const owner = pushed.path.split("/")[0] ?? "";
  const isFork = parent !== undefined && parent.host === pushed.host && parent.path !== pushed.path;
  return {
    repository: isFork ? parent : pushed,
    owner,
    headOf: (branch) => (isFork ? `${owner}:${branch}` : branch),
  };
}

/** The repository and number in the address of a pull request. */
export function placeOfUrl(url: string): { repository: ForgeRepository; number: number } | undefined {
  const [, host, path, number] = /^https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/pull\/(\d+)/.exec(url) ?? [];
  if (host === undefined || path === undefined) return undefined;
  return { repository: { host, path }, number: Number(number) };
}

/** The refusal for a remote whose host takes no pull requests by way of gh, with the page to do it by hand. */
export function noForge(remote: Remote, branches: { base: string; head: string }): AppError {
  const url = compareUrl(remote.address, branches);
  const advice =
    url === null
      ? "Push the branch and open the pull request where the repository is hosted."
      : "Push the branch, then open this page.";
  return new AppError("gh.failed", `gh makes no pull requests for ${remote.shownUrl}.`, { details: { advice, url } });
}
