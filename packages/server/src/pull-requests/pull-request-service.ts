import type { SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { PullRequestBody, SendPullRequestBody } from "@background-agents/shared/protocol/publish-commands";
import type { SendPromptBody } from "@background-agents/shared/protocol/commands";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import type { Jobs } from "../jobs/job-service.ts";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Git } from "../lib/git-process.ts";
import type { Publishing } from "../publishing/publishing.ts";
import { compareUrl } from "../publishing/remote-url.ts";
import { chooseBase, listRemoteBranches, requireRemote, type Remote } from "../publishing/remotes.ts";
import { isBranchName } from "../repositories/ref-name.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { findForgePlace, noForge, placeOfUrl, type ForgePlace } from "./forge-place.ts";
import type { ForgeRepository, GhClient } from "./gh-client.ts";
import { loggedOutAdvice, missingAdvice } from "./gh-process.ts";
import { pullRequestPrompt } from "./pull-request-prompt.ts";

export interface CreatePullRequest {
  sessionId: SessionId;
  title?: string | undefined;
  body?: string | undefined;
  base?: string | undefined;
  draft?: boolean | undefined;
  remote?: string | undefined;
  /** The branch there; the one pushed last, else the session's, where it is not given. */
  branch?: string | undefined;
  /** The checkpoint to push first; the last where it is not given. */
  commit?: string | undefined;
  /** False: what the remote has is what is proposed. */
  pushFirst?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onLog?: ((text: string) => void) | undefined;
}

/** An order with all that was left open decided: ordered in these words, it does what they say. */
export interface PullRequestPlan {
  remote: string;
  /** The repository that takes it, with its host: `host/owner/name`. */
  to: string;
  branch: string;
  /** The branch as gh names it: with its owner where it goes to another one's repository. */
  head: string;
  base: string;
  title: string;
  body: string;
  /** The number of the pull request that the branch has already: it is adopted as it is. */
  existing: number | null;
}

export interface PullRequestServiceDeps {
  git: Git;
  client: GhClient;
  publishing: Pick<Publishing, "requireSession" | "pushWork" | "requireNoSecretIn" | "executed">;
  jobs: Jobs;
  recorder: Pick<SessionRecorder, "record">;
  /** The text that a pull request of the session begins with. */
  describe: (session: Session) => string;
  sendPrompt: (sessionId: SessionId, body: SendPromptBody) => Promise<Prompt>;
  onUpdated: (sessionId: SessionId) => void;
  /** A pull request was opened, or one that is open got new commits: what runs on it begins now. */
  onOpened: (sessionId: SessionId) => void;
  clock: Clock;
}

export type PullRequestService = ReturnType<typeof createPullRequestService>;

const LOGS = 5;

/** A session's pull request: opened or adopted, looked at again, and handed to the agent. By way of the user's `gh`. */
export function createPullRequestService(deps: PullRequestServiceDeps) {
  const { git, client, publishing, jobs } = deps;
  const { requireSession } = publishing;

  /** The branch on the remote: the one pushed there last, else the session's own. */
  function headOf(session: Session, remote: Remote): string {
    return session.push?.remote === remote.name ? session.push.branch : session.branch;
  }

  async function baseOf(session: Session, remote: Remote): Promise<string> {
    return chooseBase(session.baseBranch, await listRemoteBranches(git, session.repository.path, remote.name));
  }

  function remoteOf(session: Session, name?: string): Promise<Remote> {
    const choice = { name, last: session.push?.remote, baseBranch: session.baseBranch };
    return requireRemote(git, session.repository.path, choice);
  }

  /** Throws `gh.missing` or `gh.logged-out` with what to do and the page to do it by hand. */
  async function requireGh(repository: ForgeRepository, url: string | null): Promise<void> {
    const status = await client.status(repository.host);
    if (status === "missing") {
      const details = { advice: missingAdvice(repository.host), url };
      throw new AppError("gh.missing", "The GitHub CLI (gh) was not found on this machine.", { details });
    }
    if (status === "logged-out") {
      const details = { advice: loggedOutAdvice(repository.host), url };
      throw new AppError("gh.logged-out", `The GitHub CLI is not logged in to ${repository.host}.`, { details });
    }
  }

  /** Records what was seen; without `always` only where it differs from what is known, the time aside. */
  function record(sessionId: SessionId, pullRequest: PullRequest, always = true): void {
    const { events } = deps.recorder.record(sessionId, ({ session }) => {
      const known = session.pullRequest && { ...session.pullRequest, refreshedAt: pullRequest.refreshedAt };
      if (!always && JSON.stringify(known) === JSON.stringify(pullRequest)) return [];
      return [{ type: "pull-request.updated", actor: "server", data: { pullRequest } }];
    });
    if (events.length > 0) deps.onUpdated(sessionId);
  }

  /** Where it comes from and goes to. Throws what a pull request would be refused with before anything is done. */
  async function resolve(order: CreatePullRequest) {
    const session = requireSession(order.sessionId);
    const remote = await remoteOf(session, order.remote);
    const base = order.base ?? (await baseOf(session, remote));
    const branch = order.branch ?? headOf(session, remote);
    if (!isBranchName(base) || base === branch) {
      throw new AppError("branch.refused", `A pull request from ${branch} cannot go to ${base}: choose another base.`);
    }
    const place = await findForgePlace(git, session.repository.path, remote);
    const branches = { base, head: branch };
    if (!place) throw noForge(remote, branches);
    await requireGh(place.repository, compareUrl(remote.address, branches));
    return { session, remote, base, branch, place };
  }

  async function plan(order: CreatePullRequest): Promise<PullRequestPlan> {
    const { session, remote, base, branch, place } = await resolve(order);
    const { repository, owner } = place;
    const words = requireWords(order, session);
    const existing = (await client.findOpen(repository, { owner, branch }, order.signal)) ?? null;
    const to = `${repository.host}/${repository.path}`;
    return { remote: remote.name, to, branch, head: place.headOf(branch), base, ...words, existing };
  }

  async function create(order: CreatePullRequest): Promise<PullRequest> {
    const { signal } = order;
    const onLog = order.onLog ?? (() => undefined);
    const { session, remote, base, branch, place } = await resolve(order);
    // Before the push: what is refused leaves nothing behind. One that there is already keeps its own words.
    if (!session.pullRequest) requireWords(order, session);

    if (order.pushFirst ?? true) {
      const work = { commit: order.commit, isCheckpoint: true };
      await publishing.pushWork({ sessionId: session.id, ...work, branch, remote: remote.name, signal, onLog });
    }
    const number = await openOrAdopt(place, { order, session, base, branch }, onLog);
    const pullRequest = await client.view(place.repository, number, signal);
    record(session.id, pullRequest);
    deps.onOpened(session.id);
    return pullRequest;
  }

  /** Throws `work.contains-secret`. */
  function requireWords(order: CreatePullRequest, session: Session): { title: string; body: string } {
    const [title, body] = [order.title ?? session.title, order.body ?? deps.describe(session)];
    publishing.requireNoSecretIn(session.id, `${title}\n${body}`, "the text of the pull request");
    return { title, body };
  }

  async function openOrAdopt(
    place: ForgePlace,
    what: { order: CreatePullRequest; session: Session; base: string; branch: string },
    onLog: (text: string) => void,
  ): Promise<number> {
    const { order, session, base, branch } = what;
    const { repository, owner } = place;
    const find = () => client.findOpen(repository, { owner, branch }, order.signal);
    const there = await find();
    if (there !== undefined) {
      onLog(`There is a pull request of ${branch} already: #${there}. It has the new commits now.\n`);
      return there;
    }
    onLog(`Opening a pull request for ${repository.path} …\n`);
    const { title, body } = requireWords(order, session);
    try {
      return await client.create(repository, {
        ...{ head: place.headOf(branch), base, signal: order.signal },
        ...{ title, body },
        draft: order.draft ?? false,
      });
    } catch (error) {
      // Someone else opened one in this moment, or an earlier try was cut off before it heard of its success.
      const late = messageOf(error).includes("already exists") ? await find() : undefined;
      if (late === undefined) throw error;
      return late;
    }
  }

  /** Where the session's pull request is; undefined where it has none, or none that could be found. */
  async function locate(session: Session): Promise<{ repository: ForgeRepository; number: number } | undefined> {
    if (session.pullRequest) return placeOfUrl(session.pullRequest.url);
    if (!session.push) return undefined;
    const remote = await remoteOf(session, session.push.remote);
    const place = await findForgePlace(git, session.repository.path, remote);
    if (!place) return undefined;
    const number = await client.findOpen(place.repository, { owner: place.owner, branch: session.push.branch });
    return number === undefined ? undefined : { repository: place.repository, number };
  }

  /** Looks at the pull request anew and records what is there. `quiet`: only what has changed. */
  async function refresh(sessionId: SessionId, how: { quiet: boolean }): Promise<PullRequest | null> {
    const session = requireSession(sessionId);
    try {
      const place = await locate(session);
      if (!place) return session.pullRequest;
      const pullRequest = await client.view(place.repository, place.number);
      record(sessionId, pullRequest, !how.quiet);
      return pullRequest;
    } catch (error) {
      if (!session.pullRequest) throw error;
      const seen = { ...session.pullRequest, problem: messageOf(error).slice(0, 1000) };
      record(sessionId, seen, false);
      return seen;
    }
  }

  return {
    /** Pushes, then opens a pull request, or adopts the one that the branch has. May be repeated. */
    createPullRequest: create,

    /** What that would do, and nothing of it done. Throws what it would be refused with. */
    planPullRequest: plan,

    /** The pull request as it is now; null where there is none. Where it cannot be asked, the last look with `problem`. */
    viewPullRequest: (sessionId: SessionId): Promise<PullRequest | null> => refresh(sessionId, { quiet: true }),

    refresh,

    /** The same as a job. */
    async start(sessionId: SessionId, body: PullRequestBody): Promise<Job> {
      const session = requireSession(sessionId);
      const known = body.id && jobs.findKnown(sessionId, body.id, "pull-request");
      if (known) return known;
      if (session.lastCommit === null || session.lastCommit === session.baseCommit) {
        throw new AppError("work.nothing", "The session has not changed anything yet: there is nothing to propose.");
      }
      const remote = await remoteOf(session, body.remote);
      await publishing.executed.requireAcknowledged(session, body);
      const { title, body: text, base, draft } = body;
      const commit = session.lastCommit;
      const summary = `pull request from ${headOf(session, remote)} to ${base ?? (await baseOf(session, remote))} on ${remote.name}`;
      return jobs.run({ sessionId, id: body.id, kind: "pull-request", summary }, async (job) => {
        const order = { sessionId, commit, title, body: text, base, draft, remote: remote.name };
        const { number, url } = await create({ ...order, signal: job.signal, onLog: job.output });
        job.log(url);
        return `pull request #${number}`;
      });
    },

    /** Hands failed checks and remarks to the agent, as one prompt. Throws `pull-request.none` or `request.invalid`. */
    async send(sessionId: SessionId, body: SendPullRequestBody): Promise<Prompt> {
      const { pullRequest } = requireSession(sessionId);
      if (!pullRequest) throw new AppError("pull-request.none", "The session has no pull request.");
      const remarks = pullRequest.remarks.filter(({ id }) => body.remarkIds.includes(id));
      const failed = body.failedChecks ? pullRequest.checks.filter(({ state }) => state === "failed") : [];
      if (remarks.length + failed.length === 0) {
        throw new AppError(
          "request.invalid",
          "Nothing of this is in the pull request: choose failed checks or remarks.",
        );
      }
      const place = placeOfUrl(pullRequest.url);
      const checks = await Promise.all(
        failed.map(async ({ name, url }, index) => {
          if (!place || index >= LOGS) return { name, log: `(See ${url ?? "the pull request"}.)` };
          return { name, log: await client.failedLog(place.repository, url) };
        }),
      );
      const text = pullRequestPrompt(pullRequest, { checks, remarks });
      const { id, mode } = body;
      return deps.sendPrompt(sessionId, { text, ...(id && { id }), ...(mode && { mode }) });
    },
  };
}
