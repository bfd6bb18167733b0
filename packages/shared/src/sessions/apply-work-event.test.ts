import { describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import type { NewSessionEvent } from "../protocol/session-events.ts";
import type { PullRequest } from "../pull-requests/pull-request.ts";
import { begun, completed, log, P1, P2, queued, started, starting, T1, T2 } from "../testing/session-log.ts";
import { buildTimeline } from "./build-timeline.ts";
import type { TimelineEntry } from "./timeline.ts";

const C1 = newId("checkpoint");
const C2 = newId("checkpoint");
const C3 = newId("checkpoint");
const J1 = newId("job");
const counts = { files: 1, additions: 2, deletions: 3 };

const checkpoint = (
  checkpointId: typeof C1,
  more: Partial<NewSessionEvent> = {},
  origin: "turn" | "discard" | "agent-push" = "turn",
): NewSessionEvent =>
  ({
    type: "checkpoint.created",
    actor: "server",
    data: { checkpointId, commit: "c".repeat(40), ...counts, ...(origin === "turn" ? {} : { origin }) },
    ...more,
  }) as NewSessionEvent;
const restored = (
  to: typeof C1 | null,
  from: typeof C1 | null,
  reason: "revert" | "discard" | "base-update" = "revert",
): NewSessionEvent => ({
  type: "work.restored",
  actor: "user",
  data: {
    reason,
    checkpointId: to,
    commit: "c".repeat(40),
    previousCheckpointId: from,
    generation: 1,
    conversation: true,
    ...counts,
    ...(reason === "discard" ? { paths: ["a.ts"] } : {}),
  },
});
const turnOne = [...begun, checkpoint(C1, { promptId: P1, turnId: T1 }), completed(P1, T1)];
const turnTwo = [
  queued(P2),
  starting(P2, T2),
  started(P2, T2),
  checkpoint(C2, { promptId: P2, turnId: T2 }),
  completed(P2, T2),
];
const jobStarted = (kind: "push" | "pull-request" = "push"): NewSessionEvent => ({
  type: "job.started",
  actor: "user",
  data: { jobId: J1, kind, summary: "push agents/x to origin" },
});
const jobDone: NewSessionEvent = {
  type: "job.succeeded",
  actor: "server",
  data: { jobId: J1, kind: "push", result: "agents/x is on origin" },
};
const pushed: NewSessionEvent = {
  type: "branch.pushed",
  actor: "server",
  data: {
    push: {
      remote: "origin",
      url: "ssh://example.org/x",
      branch: "agents/x",
      commit: "c".repeat(40),
      at: new Date(0).toISOString(),
    },
  },
};
const pullRequest = (more: Partial<PullRequest> = {}): NewSessionEvent => ({
  type: "pull-request.updated",
  actor: "server",
  data: {
    pullRequest: {
      number: 12,
      url: "https://example.org/pull/12",
      title: "Do it",
      state: "open",
      draft: false,
      base: "main",
      head: "agents/x",
      checks: [],
      remarks: [],
      reviewDecision: null,
      refreshedAt: new Date(0).toISOString(),
      problem: null,
      ...more,
    },
  },
});

function entriesOf<K extends TimelineEntry["kind"]>(kind: K, ...events: NewSessionEvent[]) {
  const all = buildTimeline({ events: log(...events) }).turns.flatMap(({ entries }) => entries);
  return all.filter((entry): entry is Extract<TimelineEntry, { kind: K }> => entry.kind === kind);
}

describe("going back", () => {
  it.each([
    ["nothing", [], [false, false]],
    ["to the first turn", [restored(C1, C2)], [false, true]],
    ["to the beginning", [restored(null, C2)], [true, true]],
    ["to the first turn, and back", [restored(C1, C2), restored(C2, C1)], [false, false]],
    ["to the beginning, then to the first", [restored(null, C2), restored(C1, null)], [false, true]],
    ["a discard keeps both", [checkpoint(C3, {}, "discard"), restored(C3, C2, "discard")], [false, false]],
    [
      "a discard, then to the first turn",
      [checkpoint(C3, {}, "discard"), restored(C3, C2, "discard"), restored(C1, C3)],
      [false, true],
    ],
    ["a discard nobody told of before", [restored(C3, C2, "discard"), restored(C2, C3)], [false, false]],
  ] as [string, NewSessionEvent[], boolean[]][])("sets turns aside: %s", (_name, events, aside) => {
    const { turns } = buildTimeline({ events: log(...turnOne, ...turnTwo, ...events) });
    expect(turns.map(({ setAside }) => setAside)).toEqual(aside);
  });

  it("a new turn goes on from there; those that were set aside stay so", () => {
    const P3 = newId("prompt");
    const T3 = newId("turn");
    const { turns } = buildTimeline({
      events: log(...turnOne, ...turnTwo, restored(C1, C2), queued(P3), starting(P3, T3), completed(P3, T3)),
    });
    expect(turns.map(({ setAside }) => setAside)).toEqual([false, true, false]);
  });

  it("names the turn the work stands at, and can be undone until the work goes on", () => {
    expect(entriesOf("restored", ...turnOne, ...turnTwo, restored(C1, C2))).toMatchObject([
      { turn: 1, previousCheckpointId: C2, isLast: true },
    ]);
    expect(entriesOf("restored", ...turnOne, restored(null, C1))).toMatchObject([{ turn: 0, isLast: true }]);
    expect(entriesOf("restored", ...turnOne, restored(null, C1), ...turnTwo)).toMatchObject([{ isLast: false }]);
    expect(entriesOf("restored", ...turnOne, restored(null, C1), restored(C1, null))).toMatchObject([
      { isLast: false },
      { isLast: true },
    ]);
  });

  it("say what they took back where they took back the last step", () => {
    const discarded = [...turnOne, checkpoint(C3, {}, "discard"), restored(C3, C1, "discard")];
    const entries = entriesOf("restored", ...discarded, restored(C1, C3), restored(C3, C1), restored(C1, C3));
    expect(entries).toMatchObject([
      { reason: "discard", undoes: null },
      { reason: "revert", undoes: { reason: "discard", paths: ["a.ts"] } },
      { reason: "discard", paths: ["a.ts"], undoes: null },
      { reason: "revert", undoes: { reason: "discard" } },
    ]);
    const later = entriesOf("restored", ...discarded, ...turnTwo, restored(C1, C2)).at(-1);
    expect(later).toMatchObject({ reason: "revert", undoes: null, conversation: true });
  });

  it("tells what was discarded, at the end of the last turn", () => {
    const events = [...turnOne, checkpoint(C3, {}, "discard"), restored(C3, C1, "discard")];
    expect(entriesOf("restored", ...events)).toMatchObject([{ reason: "discard", paths: ["a.ts"], turn: null }]);
    expect(entriesOf("checkpoint", ...events)).toHaveLength(1);
  });

  it("a push by the agent within its turn is no end of it", () => {
    const events = [...begun, checkpoint(C3, { promptId: P1, turnId: T1 }, "agent-push")];
    expect(entriesOf("checkpoint", ...events)).toEqual([]);
    const both = [...events, checkpoint(C1, { promptId: P1, turnId: T1 }), completed(P1, T1), restored(C3, C1)];
    expect(buildTimeline({ events: log(...both) }).turns[0]).toMatchObject({ checkpointId: C1, setAside: false });
  });
});

describe("jobs", () => {
  it("keeps one line for a job: where it began, with what came of it", () => {
    expect(entriesOf("job", ...turnOne, jobStarted(), pushed, jobDone)).toMatchObject([
      { status: "succeeded", result: "agents/x is on origin", outcome: { kind: "pushed" } },
    ]);
    expect(entriesOf("outcome", ...turnOne, jobStarted(), pushed, jobDone)).toEqual([]);
  });

  it("shows why one failed", () => {
    const error = { code: "push.rejected", message: "no", advice: "fetch", url: null };
    const failed: NewSessionEvent = {
      type: "job.failed",
      actor: "server",
      data: { jobId: J1, kind: "push", error },
    };
    expect(entriesOf("job", ...turnOne, jobStarted(), failed)).toMatchObject([{ status: "failed", error }]);
  });

  it("shows a push without a job by itself", () => {
    expect(entriesOf("outcome", ...turnOne, pushed)).toMatchObject([{ outcome: { kind: "pushed" } }]);
    expect(entriesOf("outcome", ...turnOne, jobStarted(), jobDone, pushed)).toHaveLength(1);
  });

  it("tells of a work tree once, not each time it follows its branch", () => {
    const checkedOut = (path: string): NewSessionEvent => ({
      type: "branch.checked-out",
      actor: "server",
      data: { path, commit: "c".repeat(40) },
    });
    const told = entriesOf("outcome", ...turnOne, checkedOut("/a"), checkedOut("/a"), checkedOut("/b"));
    expect(told).toMatchObject([{ outcome: { path: "/a" } }, { outcome: { path: "/b" } }]);
  });

  it("stands before the first prompt too", () => {
    expect(entriesOf("job", jobStarted(), ...begun)).toHaveLength(1);
  });
});

describe("pull request", () => {
  it("is told once when it opens, by the job where one opened it", () => {
    expect(entriesOf("pull-request", ...turnOne, pullRequest(), pullRequest())).toMatchObject([
      { number: 12, news: [{ what: "opened" }] },
    ]);
    const byJob = [...turnOne, jobStarted("pull-request"), pullRequest()];
    expect(entriesOf("pull-request", ...byJob)).toEqual([]);
    expect(entriesOf("job", ...byJob)).toMatchObject([{ outcome: { kind: "pull-request", number: 12 } }]);
  });

  it.each([
    [
      "checks that fail",
      { checks: [{ name: "ci", state: "failed", url: null }] },
      [{ what: "checks-failed", count: 1 }],
    ],
    ["checks that pass", { checks: [{ name: "ci", state: "passed", url: null }] }, [{ what: "checks-passed" }]],
    ["checks that wait", { checks: [{ name: "ci", state: "pending", url: null }] }, []],
    ["a merge", { state: "merged" }, [{ what: "merged" }]],
    ["an approval", { reviewDecision: "approved" }, [{ what: "approved" }]],
    ["a review that is asked for", { reviewDecision: "review-required" }, []],
    ["a time", { refreshedAt: new Date(5000).toISOString() }, []],
  ] as [string, Partial<PullRequest>, object[]][])("tells of %s", (_name, more, news) => {
    const told = entriesOf("pull-request", ...turnOne, pullRequest(), pullRequest(more), pullRequest(more)).slice(1);
    expect(told.flatMap((entry) => entry.news)).toEqual(news);
  });
});

describe("comments and approvals", () => {
  const resolved = (status: "addressed" | "answered"): NewSessionEvent => ({
    type: "comment.resolved",
    actor: "server",
    data: { commentId: newId("comment"), status, outcome: null },
  });

  it("counts what was dealt with in one line", () => {
    expect(
      entriesOf("comments", ...turnOne, resolved("addressed"), resolved("addressed"), resolved("answered")),
    ).toEqual([expect.objectContaining({ addressed: 2, answered: 1, resolved: 0 })]);
  });

  it("marks the prompt that carries comments, waiting or begun", () => {
    const sent: NewSessionEvent = {
      type: "comment.sent",
      actor: "user",
      promptId: P2,
      data: { commentIds: [newId("comment"), newId("comment")] },
    };
    expect(buildTimeline({ events: log(...begun, queued(P2), sent) }).queued).toMatchObject([{ comments: 2 }]);
    const begunLater = buildTimeline({ events: log(...turnOne, queued(P2), sent, starting(P2, T2)) });
    expect(begunLater.turns[1]?.prompt).toMatchObject({ comments: 2 });
  });

  it("keeps what the agent asked to do, and what the user said", () => {
    const asked: NewSessionEvent = {
      type: "approval.asked",
      actor: "agent",
      promptId: P1,
      turnId: T1,
      data: { approvalId: "a1", action: "push", summary: "push agents/x", details: [] },
    };
    const answered: NewSessionEvent = {
      type: "approval.answered",
      actor: "user",
      data: { approvalId: "a1", outcome: "refused", message: "not yet" },
    };
    expect(entriesOf("approval", ...begun, asked)).toMatchObject([{ outcome: null }]);
    expect(entriesOf("approval", ...begun, asked, answered)).toMatchObject([
      { outcome: "refused", message: "not yet" },
    ]);
  });
});
