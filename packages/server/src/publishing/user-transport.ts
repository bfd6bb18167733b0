import { configVariables } from "../lib/git-environment.ts";
import type { Git } from "../lib/git-process.ts";
import type { Remote } from "./remotes.ts";

/** The name under which the remote is known to a git call made with `transportVariables`. */
export const REMOTE_NAME = "background-agents-remote";

/**
 * Variables for a git call that talks to a remote as the user would: their SSH command (never asking), what their
 * repository says of credentials and proxies, and the address, which stands in no argument list.
 */
export async function transportVariables(
  git: Git,
  order: { repositoryPath: string; remote: Remote },
): Promise<Record<string, string>> {
  const { repositoryPath: cwd, remote } = order;
  const place = { cwd, trust: "user" as const, allowExit: [1] };
  const [local, configured] = await Promise.all([
    git.run(["config", "--local", "--null", "--get-regexp", "^(credential|http)\\."], place),
    git.run(["config", "--get", "core.sshCommand"], place),
  ]);
  const settings = local.stdout
    .split("\0")
    .filter(Boolean)
    .map((entry): [string, string] => {
      const end = entry.indexOf("\n");
      return end < 0 ? [entry, "true"] : [entry.slice(0, end), entry.slice(end + 1)];
    });
  const { url, header } = withoutPassword(remote.url);
  settings.push([`remote.${REMOTE_NAME}.url`, url], [`remote.${REMOTE_NAME}.pushurl`, url]);
  if (header !== undefined) settings.push([`http.${new URL(url).origin}/.extraHeader`, header]);
  const ssh = git.variable("GIT_SSH_COMMAND") || configured.stdout.trim() || quoted(git.variable("GIT_SSH")) || "ssh";
  return {
    ...configVariables(settings),
    GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes`,
    // No window of a credential manager either: nobody may be there to see it.
    GCM_INTERACTIVE: "never",
    // Whatever the configuration allows: nothing that runs a program named by an address.
    GIT_ALLOW_PROTOCOL: "ssh:https:http:git:file",
  };
}

/** git hands an address on as an argument of its helper: a password in it goes by another way. */
function withoutPassword(address: string): { url: string; header?: string } {
  const parsed = /^https?:/i.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (!parsed?.password) return { url: address };
  const user = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = "";
  parsed.password = "";
  return { url: parsed.href, header: `Authorization: Basic ${Buffer.from(user).toString("base64")}` };
}

function quoted(program: string | undefined): string | undefined {
  return program === undefined || program === "" ? undefined : `'${program.replaceAll("'", "'\\''")}'`;
}
