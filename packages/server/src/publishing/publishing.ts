import { join } from "node:path";
import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import { SESSION_TRAILER } from "@background-agents/shared/git/commit-message";
import type { SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type {
  ApplyBody,
  CheckoutBody,
  PublishBody,
  PushBody,
  RemoveCheckoutBody,
} from "@background-agents/shared/protocol/publish-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { Jobs } from "../jobs/job-service.ts";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Git } from "../lib/git-process.ts";
import type { Log } from "../lib/logger.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Publisher, PublishOutcome } from "../repositories/publish.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import { isBranchName } from "../repositories/ref-name.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { applyWork } from "./apply-work.ts";
import { checkOut, checkoutPathOf } from "./check-out.ts";
import { createExecutedWork, type AcknowledgingWord } from "./executed-work.ts";
import { createSecretScan } from "./secret-scan.ts";
import { removeCheckOut } from "./remove-check-out.ts";
import { createPushWork, requirePushable } from "./push-work.ts";
import { requireRemote } from "./remotes.ts";

export interface PublishingDeps {
  git: Git;
  store: SessionStore;
  recorder: SessionRecorder;
  jobs: Jobs;
  publisher: Publisher;
  quarantine: Quarantine;
  /** Knows the secret values of a session. */
  redactorOf: (sessionId: SessionId) => Redactor;
  identity: (repositoryPath: string) => Promise<{ name: string; email: string }>;
  dataDir: string;
  clock: Clock;
  failpoint?: Failpoint | undefined;
  /** The session's branch was pushed to a remote. */
  onPushed: (sessionId: SessionId) => void;
  log: Log;
}

export type Publishing = ReturnType<typeof createPublishing>;

/** The ways from a session's last checkpoint to the user: their branch, a work tree, their own branch, a remote. */
export function createPublishing(deps: PublishingDeps) {
  const { git, store, recorder, jobs, quarantine } = deps;
  const executed = createExecutedWork({ listChanges: (range) => quarantine.changes(range) });
  const scan = createSecretScan({ git, quarantine, redactorOf: deps.redactorOf });

  function requireSession(id: SessionId): Session {
    const state = store.find(id);
    if (!state) throw new AppError("session.not-found", "There is no such session.");
    if (state.session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
    return state.session;
  }

  function requireWork(session: Session): string {
    const { lastCommit, baseCommit } = session;
    if (lastCommit !== null && lastCommit !== baseCommit) return lastCommit;
    throw new AppError("work.nothing", "The session has not changed anything yet: there is nothing to bring out.");
  }

  /** The session as it is now; throws `work.executes` where the user has not seen its newest work. */
  async function requireSeen(sessionId: SessionId, word: AcknowledgingWord): Promise<Session> {
    const session = requireSession(sessionId);
    await executed.requireAcknowledged(session, word);
    const now = requireSession(sessionId);
    return now.lastCommit === session.lastCommit ? now : requireSeen(sessionId, word);
  }

  const { pushWork } = createPushWork({
    ...{ git, recorder, quarantine, requireSession, clock: deps.clock, failpoint: deps.failpoint },
    log: deps.log,
    onPushed: deps.onPushed,
    requireNoSecrets: scan.requireNone,
    listCommits: (id) => store.listCheckpoints(id).map(({ commit }) => commit),
  });

  async function bring(
    session: Session,
    { commit, branch, remake, signal }: { commit: string; branch: string; remake?: true; signal?: AbortSignal },
  ): Promise<PublishOutcome> {
    await scan.requireNone(session, { commit, signal });
    return deps.publisher.publish({
      repositoryPath: session.repository.path,
      quarantinePath: quarantine.path(session.id),
      commit,
      branch,
      previous: branch === session.branch ? session.publishedCommit : null,
      ownWorktree: session.checkout?.path ?? null,
      hold: await executed.findHold(session),
      ...(remake && { remake }),
    });
  }

  /** Brings the last checkpoint to `branch` in the user's repository, and records what came of it. */
  async function publishTo(
    session: Session,
    { branch, signal }: { branch: string; signal: AbortSignal },
  ): Promise<string> {
    const sessionId = session.id;
    const commit = requireWork(session);
    deps.failpoint?.("publish.begin");
    const outcome = await bring(session, { commit, branch, remake: true, signal });
    deps.failpoint?.("publish.moved");
    if (outcome.outcome === "conflicted") {
      const { reason } = outcome;
      // The session's own branch is what the page tells of; another name that did not work changes nothing.
      if (branch === session.branch) {
        recorder.record(sessionId, () => [{ type: "branch.conflicted", actor: "server", data: { branch, reason } }]);
      }
      throw new AppError("branch.conflicted", reason, { details: { advice: PUBLISH_ADVICE } });
    }
    const { followed } = outcome;
    const data = { branch, commit, ...(followed === undefined ? {} : { followed }) };
    const isNew = session.publishedCommit !== commit || session.branch !== branch || session.publishConflict !== null;
    if (isNew) recorder.record(sessionId, () => [{ type: "branch.published", actor: "server", data }]);
    return commit;
  }

  return {
    requireSession,
    executed,
    pushWork,
    requireNoSecretIn: scan.requireNoneIn,

    /** The branch in the user's repository goes along with the work by itself. Throws `work.contains-secret`. */
    follow: (session: Session): Promise<PublishOutcome> =>
      bring(session, { commit: session.lastCommit ?? session.baseCommit, branch: session.branch }),

    /** To the session's branch in the user's repository, or under another `agents/…` name, which is its name from then on. */
    publish(sessionId: SessionId, body: PublishBody): Job {
      const session = requireSession(sessionId);
      requireWork(session);
      const branch = body.branch ?? session.branch;
      if (!branch.startsWith(BRANCH_PREFIX) || !isBranchName(branch)) {
        throw new AppError("branch.refused", `Work is published under ${BRANCH_PREFIX}… only, not as ${branch}.`);
      }
      return jobs.run({ sessionId, id: body.id, kind: "publish", summary: `publish ${branch}` }, async (job) => {
        const commit = await publishTo(requireSession(sessionId), { branch, signal: job.signal });
        job.log(`${branch} in ${session.repository.path} is ${commit}`);
        return `${branch} is at ${commit.slice(0, 10)}`;
      });
    },

    async push(sessionId: SessionId, body: PushBody): Promise<Job> {
      const session = requireSession(sessionId);
      const known = body.id && jobs.findKnown(sessionId, body.id, "push");
      if (known) return known;
      requireWork(session);
      const branch = body.branch ?? session.branch;
      requirePushable(session, branch);
      const choice = { name: body.remote, last: session.push?.remote, baseBranch: session.baseBranch };
      const remote = await requireRemote(git, session.repository.path, choice);
      await executed.requireAcknowledged(session, body);
      const summary = `push ${branch} to ${remote.name}`;
      return jobs.run({ sessionId, id: body.id, kind: "push", summary }, async (job) => {
        // What the user has seen, even where a turn ends meanwhile.
        const push = await pushWork({
          ...{ sessionId, branch, remote: remote.name, commit: session.lastCommit ?? undefined, isCheckpoint: true },
          signal: job.signal,
          onLog: job.output,
        });
        return `${push.branch} on ${push.remote} is at ${push.commit.slice(0, 10)}`;
      });
    },

    /** A work tree beside the user's repository; one that is there already and clean follows the branch. */
    async checkOut(sessionId: SessionId, body: CheckoutBody): Promise<Job> {
      const session = requireSession(sessionId);
      const known = body.id && jobs.findKnown(sessionId, body.id, "checkout");
      if (known) return known;
      requireWork(session);
      await executed.requireAcknowledged(session, body);
      const summary = `check out ${session.branch} at ${checkoutPathOf(session)}`;
      return jobs.run({ sessionId, id: body.id, kind: "checkout", summary }, async (job) => {
        const { signal, output: onLog } = job;
        // A work tree is of the branch, which goes on with each turn: the newest work, where the user has seen it.
        const seen = await requireSeen(sessionId, body);
        const commit = await publishTo(seen, { branch: seen.branch, signal });
        // The tree is known as ours from now on, so that it follows even where an earlier try was cut off.
        const now = requireSession(sessionId);
        const { path, made } = await checkOut(git, { session: now, commit, signal, onLog });
        if (now.checkout?.path !== path || now.checkout.commit !== commit) {
          recorder.record(sessionId, () => [{ type: "branch.checked-out", actor: "server", data: { path, commit } }]);
        }
        return made ? `${now.branch} is checked out at ${path}` : `${path} is at ${commit.slice(0, 10)}`;
      });
    },

    /** The work tree goes, the branch stays. Throws `work.nothing` where there is none. */
    removeCheckOut(sessionId: SessionId, body: RemoveCheckoutBody): Job {
      const session = requireSession(sessionId);
      const known = body.id && jobs.findKnown(sessionId, body.id, "remove-checkout");
      if (known) return known;
      if (!session.checkout) throw new AppError("work.nothing", "The session has no work tree that could be removed.");
      const { path } = session.checkout;
      const order = {
        sessionId,
        id: body.id,
        kind: "remove-checkout" as const,
        summary: `remove the work tree ${path}`,
      };
      return jobs.run(order, async (job) => {
        const now = requireSession(sessionId);
        const { removed } = await removeCheckOut(git, { session: now, path, signal: job.signal, onLog: job.output });
        recorder.record(sessionId, ({ session: { checkout } }) =>
          checkout?.path === path ? [{ type: "branch.checkout-removed", actor: "user", data: { path } }] : [],
        );
        return removed ? `removed ${path}; ${now.branch} stays` : `${path} was removed before; ${now.branch} stays`;
      });
    },

    /** Onto the branch that is checked out in the user's repository. */
    async apply(sessionId: SessionId, body: ApplyBody): Promise<Job> {
      const session = requireSession(sessionId);
      const known = body.id && jobs.findKnown(sessionId, body.id, "apply");
      if (known) return known;
      const commit = requireWork(session);
      await executed.requireAcknowledged(session, body);
      const summary = `apply ${session.branch} as ${body.how === "commits" ? "commits" : body.how === "squash" ? "one commit" : "a patch"}`;
      return jobs.run({ sessionId, id: body.id, kind: "apply", summary }, async (job) => {
        const now = requireSession(sessionId);
        const { signal } = job;
        await scan.requireNone(session, { commit, treeOnly: body.how !== "commits", signal });
        if (body.how === "squash")
          scan.requireNoneIn(sessionId, now.title, "the session's title, which is its message");
        const applied = await applyWork(git, {
          session: { ...now, lastCommit: commit },
          how: body.how,
          quarantinePath: quarantine.path(sessionId),
          scratchDir: join(deps.dataDir, "scratch"),
          identity: await deps.identity(now.repository.path),
          message: `${now.title}\n\n${SESSION_TRAILER}: ${now.id}\n`,
          signal,
          onLog: job.output,
          failpoint: deps.failpoint,
        });
        const data = { branch: applied.branch, how: body.how, commit: applied.commit };
        recorder.record(sessionId, () => [{ type: "branch.applied", actor: "server", data }]);
        return applied.result;
      });
    },
  };
}

const PUBLISH_ADVICE = "Clear the way and publish again, or publish under another name.";
