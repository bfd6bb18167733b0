/** What can be told from the address of a remote. */
export interface RemoteAddress {
  transport: "ssh" | "https" | "http" | "git" | "path";
  /** Lower case, without port; null for a path. */
  host: string | null;
  /** Below the host, without leading slash and `.git`. */
  path: string;
}

/**
 * Reads an address as git does: `ssh://`, `https://`, `http://`, `git://`, `file://`, `[user@]host:path` or a path.
 * Undefined for everything else, above all for `<helper>::…`, which would run a program.
 */
export function parseRemoteUrl(url: string): RemoteAddress | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (url === "" || url.startsWith("-") || /[\u0000-\u001f\u007f]/.test(url)) return undefined;
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(url)) return undefined;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const scp = /^(?:[^\s@/:]+@)?([^\s/:@-][^\s/:@]*):(.*)$/.exec(url);
    if (!scp) return { transport: "path", host: null, path: url };
    return { transport: "ssh", host: (scp[1] ?? "").toLowerCase(), path: trimPath(scp[2] ?? "") };
  }
  if (scheme === "file") return { transport: "path", host: null, path: url.slice("file://".length) };
  const transport = TRANSPORTS[scheme];
  if (!transport || !URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  if (hostname === "" || hostname.startsWith("-")) return undefined;
  return { transport, host: hostname.toLowerCase(), path: trimPath(pathname) };
}

const TRANSPORTS: Record<string, RemoteAddress["transport"]> = {
  ssh: "ssh",
  "git+ssh": "ssh",
  "ssh+git": "ssh",
  https: "https",
  http: "http",
  git: "git",
};

function trimPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
}

/** `owner/name` where the path has this shape. */
export function ownerAndName(address: RemoteAddress): string | null {
  return /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/.test(address.path) && address.host !== null ? address.path : null;
}

/** The page on which a pull request can be made by hand; null where the host's pages are not known. */
export function compareUrl(address: RemoteAddress, branches: { base: string; head: string }): string | null {
  const { host, path } = address;
  if (host === null || path === "") return null;
  const place = `https://${host}/${path.split("/").map(encodeURIComponent).join("/")}`;
  const inPath = (branch: string) => branch.split("/").map(encodeURIComponent).join("/");
  const base = inPath(branches.base);
  const head = inPath(branches.head);
  switch (forgeKindOf(host)) {
    case "gitlab": {
      const query = new URLSearchParams({
        "merge_request[source_branch]": branches.head,
        "merge_request[target_branch]": branches.base,
      });
      return `${place}/-/merge_requests/new?${query.toString()}`;
    }
    case "bitbucket": {
      const query = new URLSearchParams({ source: branches.head, dest: branches.base });
      return `${place}/pull-requests/new?${query.toString()}`;
    }
    case "gitea":
      return `${place}/compare/${base}...${head}`;
    case "github":
      return `${place}/compare/${base}...${head}?expand=1`;
    case null:
      return null;
  }
}

/** What a host runs, as far as its name tells; null for a name that tells nothing, such as `git.example.com`. */
export function forgeKindOf(host: string): "github" | "gitlab" | "bitbucket" | "gitea" | null {
  if (/(^|\.)gitlab(\.|$)/.test(host)) return "gitlab";
  if (/(^|\.)bitbucket(\.|$)/.test(host)) return "bitbucket";
  if (/(^|\.)(codeberg|gitea|forgejo)(\.|$)/.test(host)) return "gitea";
  if (/(^|\.)(github|ghe)(\.|$)/.test(host)) return "github";
  return null;
}
