import type { ProposalAnswer, RemoteChoice } from "@background-agents/shared/protocol/publish-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import type { Git } from "../lib/git-process.ts";
import { checkoutPathOf } from "../publishing/check-out.ts";
import type { Publishing } from "../publishing/publishing.ts";
import { compareUrl } from "../publishing/remote-url.ts";
import { chooseBase, listRemoteBranches, listRemotes, requireRemote, type Remote } from "../publishing/remotes.ts";
import { readUserTree } from "../publishing/user-tree.ts";
import { listUncommitted } from "../repositories/move-work-tree.ts";
import { forgeOf } from "./forge-place.ts";
import type { GhClient, GhStatus } from "./gh-client.ts";
import { GH_MISSING_ADVICE, loggedOutAdvice } from "./gh-process.ts";

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
  const [tree, changed, bases, gh, choices, executed] = await Promise.all([
    readUserTree(git, path),
    listUncommitted(git, path),
    chosen ? listRemoteBranches(git, path, chosen.name) : [],
    ghStatus(client, chosen),
    Promise.all(remotes.map((remote) => describeRemote(client, remote))),
    deps.publishing.executed.list(session),
  ]);
  const branch = chosen && session.push?.remote === chosen.name ? session.push.branch : session.branch;
  const base = chooseBase(session.baseBranch, bases);
  const others = bases.filter((name) => name !== base && !name.startsWith("agents/"));
  return {
    title: session.title,
    body: deps.describe(session),
    base,
    bases: [base, ...others].slice(0, BASES),
    branch,
    remotes: choices,
    remote: chosen?.name ?? null,
    gh,
    compareUrl: chosen ? compareUrl(chosen.address, { base, head: branch }) : null,
    executed,
    openComments: session.openComments,
    userTree: { branch: tree.branch, clean: changed.length === 0 && tree.operation === undefined, path },
    checkoutPath: checkoutPathOf(session),
  };
}

async function ghStatus(
  client: GhClient,
  remote: Remote | undefined,
): Promise<{ status: GhStatus; advice: string | null }> {
  const host = (remote && forgeOf(remote)?.host) ?? "github.com";
  const status = await client.status(host);
  const advice = { ok: null, missing: GH_MISSING_ADVICE, "logged-out": loggedOutAdvice(host) }[status];
  return { status, advice };
}

/** A host takes pull requests where it is GitHub's own, or one that gh has a login for. */
async function describeRemote(client: GhClient, remote: Remote): Promise<RemoteChoice> {
  const forge = forgeOf(remote);
  const takes = forge !== undefined && (forge.host === "github.com" || (await client.status(forge.host)) === "ok");
  return { name: remote.name, url: remote.shownUrl, repository: takes ? forge.path : null };
}
