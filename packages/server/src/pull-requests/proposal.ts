import type { ProposalAnswer, RemoteChoice } from "@background-agents/shared/protocol/publish-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import type { Git } from "../lib/git-process.ts";
import { checkoutPathOf } from "../publishing/check-out.ts";
import type { Publishing } from "../publishing/publishing.ts";
import { compareUrl, forgeKindOf } from "../publishing/remote-url.ts";
import { chooseBase, listRemoteBranches, listRemotes, requireRemote, type Remote } from "../publishing/remotes.ts";
import { readUserTree } from "../publishing/user-tree.ts";
import { listUncommitted } from "../repositories/move-work-tree.ts";
import { forgeOf } from "./forge-place.ts";
import type { GhClient, GhStatus } from "./gh-client.ts";
import { loggedOutAdvice, missingAdvice } from "./gh-process.ts";

export interface ProposalDeps {
  git: Git;
  client: GhClient;
  publishing: Pick<Publishing, "executed">;
  describe: (session: Session) => string;
}

const BASES = 200;

/** What the dialogs for push, pull request, check-out and apply begin with. Nothing is asked of any remote. */
export async function readProposal(deps: ProposalDeps, session: Session): Promise<z.infer<typeof ProposalAnswer>> {
  const { git, client } = deps;
  const { path } = session.repository;
  const choice = { last: session.push?.remote, baseBranch: session.baseBranch };
  const remotes = await listRemotes(git, path);
  const chosen = await requireRemote(git, path, choice).catch(() => undefined);
  const askGh = ghStatus(client);
  const [tree, changed, choices, gh, executed] = await Promise.all([
    readUserTree(git, path),
    listUncommitted(git, path),
    Promise.all(remotes.map((remote) => describeRemote({ git, askGh }, session, remote))),
    askGh((chosen && forgeOf(chosen)?.host) ?? "github.com"),
    deps.publishing.executed.list(session),
  ]);
  const { baseBranch } = session;
  const here = choices.find(({ name }) => name === chosen?.name) ?? {
    ...{ branch: session.branch, base: baseBranch, bases: [baseBranch], compareUrl: null },
  };
  return {
    title: session.title,
    body: deps.describe(session),
    base: here.base,
    bases: here.bases,
    branch: here.branch,
    remotes: choices,
    remote: chosen?.name ?? null,
    gh,
    compareUrl: here.compareUrl,
    commit: session.lastCommit,
    executed,
    openComments: session.openComments,
    userTree: { branch: tree.branch, clean: changed.length === 0 && tree.operation === undefined, path },
    checkoutPath: checkoutPathOf(session),
  };
}

type AskGh = (host: string) => Promise<{ status: GhStatus; advice: string | null }>;

/** Whether gh could open a pull request on a host, and what to do where not; each host is asked for once. */
function ghStatus(client: GhClient): AskGh {
  const asked = new Map<string, ReturnType<AskGh>>();
  async function ask(host: string) {
    const status = await client.status(host);
    return { status, advice: { ok: null, missing: missingAdvice(host), "logged-out": loggedOutAdvice(host) }[status] };
  }
  return (host) => {
    const answer = asked.get(host) ?? ask(host);
    asked.set(host, answer);
    return answer;
  };
}

/**
 * What a push or a pull request would be on this remote. A host takes pull requests where it is GitHub's own, or one
 * that gh has a login for; a host whose name tells nothing may be a GitHub Enterprise that gh has no login for yet.
 */
async function describeRemote(
  deps: { git: Git; askGh: AskGh },
  session: Session,
  remote: Remote,
): Promise<RemoteChoice> {
  const forge = forgeOf(remote);
  const couldBeGitHub = forge !== undefined && [null, "github"].includes(forgeKindOf(forge.host));
  const [known, gh] = await Promise.all([
    listRemoteBranches(deps.git, session.repository.path, remote.name),
    couldBeGitHub ? deps.askGh(forge.host) : null,
  ]);
  const branch = session.push?.remote === remote.name ? session.push.branch : session.branch;
  const base = chooseBase(session.baseBranch, known);
  const others = known.filter((name) => name !== base && !name.startsWith("agents/"));
  return {
    name: remote.name,
    url: remote.shownUrl,
    repository: forge && (forge.host === "github.com" || gh?.status === "ok") ? forge.path : null,
    branch,
    base,
    bases: [base, ...others].slice(0, BASES),
    gh: forge && gh ? { host: forge.host, ...gh } : null,
    compareUrl: compareUrl(remote.address, { base, head: branch }),
  };
}
