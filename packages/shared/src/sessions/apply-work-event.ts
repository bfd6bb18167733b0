import type { CheckpointId, JobId, PromptId } from "../ids.ts";
import type { PullRequest } from "../pull-requests/pull-request.ts";
import type { SessionEvent, SessionEventType } from "../protocol/session-events.ts";
import type { PlacedEntry } from "./order-entries.ts";
import { pullRequestNews } from "./pull-request-news.ts";
import type { JobEntry, JobOutcome, RestoredEntry, TimelineEntry, TurnPrompt } from "./timeline.ts";
import { goBack, type Moment, type WorkHistory } from "./work-history.ts";

/** What the timeline knows of the work around the turns: going back, jobs, comments, the pull request. */
export interface WorkState {
  history: WorkHistory;
  jobs: Map<JobId, JobEntry>;
  approvals: Map<string, Extract<TimelineEntry, { kind: "approval" }>>;
  pullRequest: PullRequest | null;
  /** The work tree that was told of last. */
  checkoutPath: string | null;
  /** The last time the user brought the work elsewhere, and where it has stood since then. */
  restored: { entry: RestoredEntry; moment: Moment | null } | null;
}

const WORK_EVENTS = [
  "work.restored",
  "job.started",
  "job.succeeded",
  "job.failed",
  "branch.pushed",
  "branch.checked-out",
  "branch.checkout-removed",
  "branch.applied",
  "pull-request.updated",
  "comment.sent",
  "comment.resolved",
  "comment.reopened",
  "approval.asked",
  "approval.answered",
] as const satisfies SessionEventType[];

export type WorkEvent = Extract<SessionEvent, { type: (typeof WORK_EVENTS)[number] }>;

export function isWorkEvent(event: SessionEvent): event is WorkEvent {
  return WORK_EVENTS.some((type) => type === event.type);
}

/**
 * Brings the work up to date with an event that no turn owns; `placed` is where its line goes, `findPrompt` gives the
 * prompt that comments went with. Changes `work` and `placed` in place.
 */
export function applyWorkEvent(
  work: WorkState,
  event: WorkEvent,
  at: { placed: PlacedEntry[]; findPrompt: (id: PromptId) => TurnPrompt | undefined },
): void {
  const { placed } = at;
  const key = `${event.type}-${event.seq}`;
  const put = (entry: TimelineEntry): void => void placed.push({ entry, index: null });
  switch (event.type) {
    case "work.restored":
      return put(restore(work, event));
    case "job.started": {
      const { jobId, kind, summary } = event.data;
      const entry: JobEntry = {
        kind: "job",
        key: `job-${jobId}`,
        jobId,
        job: kind,
        summary,
        status: "running",
        result: null,
        error: null,
        outcome: null,
      };
      work.jobs.set(jobId, entry);
      return put(entry);
    }
    case "job.succeeded":
      return finish(work, event.data.jobId, { status: "succeeded", result: event.data.result });
    case "job.failed":
      return finish(work, event.data.jobId, { status: "failed", error: event.data.error });
    case "branch.pushed":
    case "branch.checked-out":
    case "branch.applied": {
      const outcome = outcomeOf(event);
      const job = runningJob(work, event.type);
      if (job) job.outcome = outcome;
      else if (!followsAlong(work, outcome)) put({ kind: "outcome", key, outcome });
      if (outcome.kind === "checked-out") work.checkoutPath = outcome.path;
      return;
    }
    case "branch.checkout-removed":
      // The job that did it says so.
      work.checkoutPath = null;
      return;
    case "pull-request.updated":
      return applyPullRequest(work, event, put);
    case "comment.sent": {
      const prompt = event.promptId && at.findPrompt(event.promptId);
      if (!prompt) return;
      const { commentIds, review } = event.data;
      prompt.comments = (prompt.comments ?? 0) + commentIds.length;
      if (review) prompt.review = review;
      return;
    }
    case "comment.resolved":
      return count(placed, key, event.data.status);
    case "comment.reopened":
      return count(placed, key, "reopened");
    case "approval.asked": {
      const { approvalId, action, summary } = event.data;
      const entry = { kind: "approval" as const, key, approvalId, action, summary, outcome: null, message: null };
      work.approvals.set(approvalId, entry);
      return put(entry);
    }
    case "approval.answered": {
      const asked = work.approvals.get(event.data.approvalId);
      if (asked) Object.assign(asked, { outcome: event.data.outcome, message: event.data.message ?? null });
    }
  }
}

function restore(work: WorkState, event: Extract<WorkEvent, { type: "work.restored" }>): RestoredEntry {
  const { checkpointId, previousCheckpointId, conversation } = event.data;
  const undone = event.data.reason === "revert" ? findUndone(work, checkpointId) : undefined;
  // Taking an undo back does the thing again.
  const { reason, paths = [], base = null } = undone?.undoes ?? event.data;
  const moment = goBack(work.history, checkpointId);
  const entry: RestoredEntry = {
    kind: "restored",
    key: `restored-${event.seq}`,
    reason,
    turn: checkpointId === null ? 0 : (moment?.turn?.number ?? null),
    checkpointId,
    previousCheckpointId,
    paths,
    base,
    conversation,
    undoes: undone && !undone.undoes ? { reason: undone.reason, paths: undone.paths, base: undone.base } : null,
    isLast: false,
  };
  work.restored = { entry, moment };
  return entry;
}

/** What going to `checkpointId` takes back: the last step, where nothing has changed the work since. */
function findUndone({ restored, history }: WorkState, checkpointId: CheckpointId | null): RestoredEntry | undefined {
  if (!restored || restored.moment !== history.now) return undefined;
  return restored.entry.previousCheckpointId === checkpointId ? restored.entry : undefined;
}

/** Every entry a job left stays where the job began; only what it says changes. */
function finish(work: WorkState, jobId: JobId, end: Partial<Pick<JobEntry, "status" | "result" | "error">>): void {
  const job = work.jobs.get(jobId);
  if (job) Object.assign(job, end);
}

const JOBS_BEHIND: Record<string, JobEntry["job"][]> = {
  "branch.pushed": ["push", "pull-request"],
  "branch.checked-out": ["checkout"],
  "branch.applied": ["apply"],
  "pull-request.updated": ["pull-request"],
};

function runningJob(work: WorkState, type: WorkEvent["type"]): JobEntry | undefined {
  const kinds = JOBS_BEHIND[type] ?? [];
  return [...work.jobs.values()].findLast(({ status, job }) => status === "running" && kinds.includes(job));
}

/** A work tree that is there already moves with its branch after each turn: no news. */
function followsAlong(work: WorkState, outcome: JobOutcome): boolean {
  return outcome.kind === "checked-out" && outcome.path === work.checkoutPath;
}

function outcomeOf(
  event: Extract<WorkEvent, { type: "branch.pushed" | "branch.checked-out" | "branch.applied" }>,
): JobOutcome {
  switch (event.type) {
    case "branch.pushed":
      return { kind: "pushed", push: event.data.push };
    case "branch.checked-out":
      return { kind: "checked-out", path: event.data.path };
    case "branch.applied":
      return { kind: "applied", branch: event.data.branch, how: event.data.how };
  }
}

function applyPullRequest(
  work: WorkState,
  event: Extract<WorkEvent, { type: "pull-request.updated" }>,
  put: (entry: TimelineEntry) => void,
): void {
  const { pullRequest } = event.data;
  const news = pullRequestNews(work.pullRequest, pullRequest);
  work.pullRequest = pullRequest;
  const { number, url, title } = pullRequest;
  const job = runningJob(work, event.type);
  if (job) job.outcome = { kind: "pull-request", number, url };
  // The job that opened it says so.
  const told = job ? news.filter(({ what }) => what !== "opened") : news;
  if (told.length > 0) put({ kind: "pull-request", key: `pull-request-${event.seq}`, number, url, title, news: told });
}

/** Comments that are dealt with one after the other make one line. */
function count(placed: PlacedEntry[], key: string, what: "addressed" | "answered" | "resolved" | "reopened"): void {
  const last = placed.at(-1)?.entry;
  if (last?.kind === "comments") last[what]++;
  else {
    const none = { addressed: 0, answered: 0, resolved: 0, reopened: 0 };
    placed.push({ entry: { kind: "comments", key, ...none, [what]: 1 }, index: null });
  }
}
