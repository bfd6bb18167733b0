import { type JobId, newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import { UpdateRepositoryBody } from "@background-agents/shared/protocol/commands";
import {
  AnswerApprovalBody,
  ApplyBody,
  type ProposalAnswer,
  PublishBody,
  PullRequestBody,
  PushBody,
  SendPullRequestBody,
} from "@background-agents/shared/protocol/publish-commands";
import { ForkBody, RevertBody } from "@background-agents/shared/protocol/review-commands";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { z } from "zod";
import { cannedSession } from "./canned-fleet.ts";
import {
  CANNED_FAILURE,
  CANNED_PUSH_LOG,
  cannedBase,
  cannedCopiedFiles,
  cannedProposal,
  cannedPullRequest,
  cannedReviewedPullRequest,
} from "./canned-publish.ts";
import type { FakeAnswer } from "./fake-review.ts";

/** A job that prints, then ends as told. */
interface Play {
  kind: Job["kind"];
  summary: string;
  /** What is recorded once it has gone well; then what it says came of it. */
  end: () => { events: NewSessionEvent[]; result: string };
  fails?: boolean;
}

/** The routes of the ways out and of time travel. A push to the branch `fail` fails; a look at the pull request finds a review. */
export function createFakePublish(deps: {
  session: Session;
  paceMs: number;
  record: (event: NewSessionEvent) => void;
  show: (change: Partial<Session>) => void;
  broadcast: (frame: SessionFrame) => void;
  takePrompt: (text: string) => Prompt;
}) {
  const { session, paceMs, record, show, broadcast, takePrompt } = deps;
  const jobs = new Map<JobId, Job>();
  const cancelled = new Set<JobId>();
  /** What the proposal says differently from the canned one. */
  const proposal: Partial<ProposalAnswer> = {};
  /** What was asked to be done, in order. */
  const asked: { verb: string; body: unknown }[] = [];
  let copyPatterns = [".env"];
  let generation = 0;

  function start(id: JobId | undefined, play: Play): FakeAnswer {
    const job: Job = {
      id: id ?? newId("job"),
      sessionId: session.id,
      kind: play.kind,
      status: "running",
      summary: play.summary,
      result: null,
      error: null,
      log: "",
      startedAt: new Date().toISOString(),
      endedAt: null,
    };
    jobs.set(job.id, job);
    record({ type: "job.started", actor: "user", data: { jobId: job.id, kind: job.kind, summary: job.summary } });
    broadcast({ type: "job", job });
    void run(job, play);
    return { status: 202, body: { job } };
  }

  async function run(job: Job, { kind, end, fails = false }: Play): Promise<void> {
    for (const text of CANNED_PUSH_LOG) {
      await new Promise((resolve) => setTimeout(resolve, paceMs * 10));
      if (cancelled.has(job.id)) break;
      job.log += text;
      broadcast({ type: "job-log", jobId: job.id, text });
    }
    const error = cancelled.has(job.id)
      ? { code: "job.cancelled", message: "You cancelled this.", advice: null, url: null }
      : fails
        ? CANNED_FAILURE
        : null;
    if (error) {
      Object.assign(job, { status: "failed", error });
      record({ type: "job.failed", actor: "server", data: { jobId: job.id, kind, error } });
    } else {
      const { events, result } = end();
      for (const event of events) record(event);
      Object.assign(job, { status: "succeeded", result });
      record({ type: "job.succeeded", actor: "server", data: { jobId: job.id, kind, result } });
    }
    job.endedAt = new Date().toISOString();
    broadcast({ type: "job", job });
  }

  function pushed(remote = "origin", branch = session.branch): NewSessionEvent {
    const commit = session.lastCommit ?? session.baseCommit;
    const push = { remote, url: "git@github.com:acme/api.git", branch, commit, at: new Date().toISOString() };
    show({ push });
    return { type: "branch.pushed", actor: "server", data: { push } };
  }

  function updated(pullRequest: PullRequest): NewSessionEvent {
    show({ pullRequest });
    return { type: "pull-request.updated", actor: "server", data: { pullRequest } };
  }

  function startJob(verb: string, body: unknown): FakeAnswer {
    asked.push({ verb, body });
    const told = { ...cannedProposal(session), ...proposal };
    const word = z
      .object({ acknowledgeExecuted: z.boolean().default(false), commit: z.string().optional() })
      .parse(body);
    if (word.acknowledgeExecuted && word.commit !== told.commit) {
      const details = { files: told.executed, commit: told.commit };
      const message = "The work changes files that tools execute: look at them, then confirm.";
      return { status: 409, body: { error: { code: "work.executes", message, details } } };
    }
    const commit = session.lastCommit ?? session.baseCommit;
    switch (verb) {
      case "publish": {
        const { id, branch = session.branch } = PublishBody.parse(body);
        return start(id, {
          kind: "publish",
          summary: `publish ${branch}`,
          end: () => {
            show({ publishedCommit: commit, publishConflict: null, branch });
            return {
              events: [{ type: "branch.published", actor: "server", data: { branch, commit } }],
              result: `${branch} is up to date`,
            };
          },
        });
      }
      case "push": {
        const { id, remote = "origin", branch = session.branch } = PushBody.parse(body);
        return start(id, {
          kind: "push",
          summary: `push ${branch} to ${remote}`,
          fails: branch === "fail",
          end: () => ({ events: [pushed(remote, branch)], result: `pushed ${branch} to ${remote}` }),
        });
      }
      case "pull-request": {
        const { id, title = session.title, draft = false, base = "main" } = PullRequestBody.parse(body);
        return start(id, {
          kind: "pull-request",
          summary: `open a pull request into ${base}`,
          end: () => ({
            events: [pushed(), updated(cannedPullRequest(session, { title, draft, base }))],
            result: "opened #412",
          }),
        });
      }
      case "checkout": {
        const path = cannedProposal(session).checkoutPath;
        return start(undefined, {
          kind: "checkout",
          summary: `check out ${session.branch}`,
          end: () => {
            show({ checkout: { path, commit } });
            return {
              events: [{ type: "branch.checked-out", actor: "server", data: { path, commit } }],
              result: `${session.branch} is checked out at ${path}`,
            };
          },
        });
      }
      case "remove-checkout": {
        const path = session.checkout?.path ?? "";
        return start(undefined, {
          kind: "remove-checkout",
          summary: `remove the work tree ${path}`,
          end: () => {
            show({ checkout: null });
            return {
              events: [{ type: "branch.checkout-removed", actor: "user", data: { path } }],
              result: `removed ${path}; ${session.branch} stays`,
            };
          },
        });
      }
      default: {
        const { id, how } = ApplyBody.parse(body);
        return start(id, {
          kind: "apply",
          summary: `apply to main as ${how}`,
          end: () => ({
            events: [{ type: "branch.applied", actor: "server", data: { branch: "main", how, commit } }],
            result: "applied to main",
          }),
        });
      }
    }
  }

  function revert(body: unknown): FakeAnswer {
    const { checkpoint } = RevertBody.parse(body);
    const previousCheckpointId = session.lastCheckpointId;
    const checkpointId = checkpoint === "base" ? null : checkpoint;
    const counts = session.changes ?? { files: 0, additions: 0, deletions: 0 };
    show({ lastCheckpointId: checkpointId });
    record({
      type: "work.restored",
      actor: "user",
      data: {
        reason: "revert",
        checkpointId,
        commit: session.lastCommit ?? session.baseCommit,
        previousCheckpointId,
        generation: ++generation,
        conversation: true,
        ...counts,
      },
    });
    return { status: 200, body: { session, checkpoint: null } };
  }

  function answerApproval(approvalId: string, body: unknown): FakeAnswer {
    const { allow, remember = false, message } = AnswerApprovalBody.parse(body);
    if (remember) show({ agentPush: allow ? "auto" : "never" });
    record({
      type: "approval.answered",
      actor: "user",
      data: { approvalId, outcome: allow ? "allowed" : "refused", ...(message ? { message } : {}) },
    });
    return { status: 200, body: { session } };
  }

  function answer({ method, url, body }: { method: string; url: URL; body: unknown }): FakeAnswer | undefined {
    if (url.pathname.endsWith("/copied-files")) return { status: 200, body: cannedCopiedFiles(copyPatterns) };
    if (method === "PATCH" && url.pathname.startsWith("/api/repositories/")) {
      ({ copyPatterns } = UpdateRepositoryBody.parse(body));
      return { status: 200, body: {} };
    }
    const [room = "", id = "", verb] = url.pathname.replace(`/api/sessions/${session.id}/`, "").split("/");
    switch (`${method} ${room}${room === "pull-request" && id ? `/${id}` : ""}`) {
      case "GET pull-request/proposal":
        return { status: 200, body: { ...cannedProposal(session), ...proposal } };
      case "POST pull-request/refresh":
        record(updated(cannedReviewedPullRequest(session)));
        return { status: 200, body: { pullRequest: session.pullRequest } };
      case "POST pull-request/send": {
        const { failedChecks, remarkIds } = SendPullRequestBody.parse(body);
        const prompt = takePrompt(`${failedChecks ? "Checks failed. " : ""}${remarkIds.length} remarks.`);
        return { status: 202, body: { prompt } };
      }
      case "POST publish":
      case "POST push":
      case "POST pull-request":
      case "POST checkout":
      case "POST remove-checkout":
      case "POST apply":
        return startJob(room, body);
      case "POST jobs":
        if (verb === "cancel") cancelled.add(id as JobId);
        return { status: 200, body: {} };
      case "POST revert":
        return revert(body);
      case "POST fork": {
        const { title = "A fork" } = ForkBody.parse(body);
        return { status: 201, body: { session: cannedSession({ title }) } };
      }
      case "GET base":
        return { status: 200, body: cannedBase(session) };
      case "POST update-base":
        return { status: 200, body: { session, outcome: "asked-agent", prompt: takePrompt("Merge main.") } };
      case "POST approvals":
        return answerApproval(id, body);
      default:
        return undefined;
    }
  }

  return {
    answer,
    proposal,
    asked,
    runningJobs: () => [...jobs.values()].filter(({ status }) => status === "running"),
  };
}
