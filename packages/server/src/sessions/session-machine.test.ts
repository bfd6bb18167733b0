import { describe, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { AppError } from "../lib/app-error.ts";
import { decideReport } from "./report-machine.ts";
import { decide, type SessionCommand } from "./session-machine.ts";
import { markSeen, project } from "./session-projection.ts";
import type { SessionState } from "./session-state.ts";

const sessionId = newId("session");
const promptId = newId("prompt");
const secondId = newId("prompt");
const turnId = newId("turn");
const boot = newId("boot");
const checkpointId = newId("checkpoint");
const commit = "c".repeat(40);

const created: NewSessionEvent = {
  type: "session.created",
  actor: "user",
  data: {
    title: "T",
    repository: { id: newId("repository"), name: "r", path: "/r" },
    baseBranch: "main",
    baseCommit: "a".repeat(40),
    branch: "agents/t-123456",
    model: "demo/scripted",
    effort: null,
  },
};
const send = (id = promptId): SessionCommand => ({
  type: "prompt.send",
  promptId: id,
  text: "do it",
  mode: "queue",
  model: "demo/scripted",
  effort: null,
});

type Step = SessionCommand | { report: ReportBody } | { event: NewSessionEvent };

/** Runs the steps through decide and project, as the recorder does. */
function run(steps: Step[]): { state: SessionState; types: string[] } {
  const types: string[] = [];
  let state: SessionState | undefined;
  let seq = 0;
  const record = (events: NewSessionEvent[]): void => {
    for (const event of events) {
      seq += 1;
      state = project(state, { ...event, seq, v: 1, at: "2026-01-01T00:00:00.000Z" }, sessionId);
      types.push(event.type);
    }
  };
  record([created]);
  for (const step of steps) {
    if (!state) throw new Error("no state");
    if ("event" in step) record([step.event]);
    else record("report" in step ? decideReport(state, step.report) : decide(state, step));
  }
  if (!state) throw new Error("no state");
  return { state, types: types.slice(1) };
}

const ids = { promptId, turnId };
const ready: Step[] = [
  { type: "sandbox.create", boot },
  { report: { kind: "boot.phase", phase: "clone" } },
  { report: { kind: "boot.ready", opencodeVersion: "1", bootMs: 1 } },
];
const running: Step[] = [
  send(),
  ...ready,
  { type: "turn.begin", turnId },
  { report: { kind: "turn.started", ...ids, messageId: "m" } },
];
const ended = (outcome: "completed" | "interrupted" | "failed"): Step => ({
  report: { kind: "turn.ended", ...ids, outcome, durationMs: 1 },
});
const lost = (expected: boolean): SessionCommand & { type: "sandbox.end" } => ({
  type: "sandbox.end",
  boot,
  reason: "gone",
  exitCode: 1,
  logTail: "",
  expected,
});
const full: Step = { event: { type: "sandbox.stopping", actor: "server", data: { reason: "its disk is full" } } };
const approval = {
  approvalId: "push-1",
  action: "push" as const,
  summary: "push agents/t-123456 to origin",
  details: ["1 commit"],
};
const asked: Step = { event: { type: "approval.asked", actor: "agent", data: approval } };
const answered: Step = {
  event: { type: "approval.answered", actor: "user", data: { approvalId: "push-1", outcome: "allowed" } },
};
const checkpoint: Step = {
  event: {
    type: "checkpoint.created",
    actor: "server",
    ...ids,
    data: {
      checkpointId,
      commit,
      files: 1,
      additions: 2,
      deletions: 0,
      turn: { files: 1, additions: 2, deletions: 0 },
    },
  },
};

describe("status, reason and attention follow from what happened", () => {
  test.each<[string, Step[], [status: string, reason: RegExp, attention: string]]>([
    ["a new session", [], ["idle", /no prompt yet/, "done"]],
    ["a prompt waits for its sandbox", [send()], ["starting", /starting/, "working"]],
    ["the tree is made", [send(), ...ready.slice(0, 2)], ["starting", /working tree/, "working"]],
    ["the agent works", running, ["working", /working/, "working"]],
    ["the work is saved", [...running, { report: { kind: "turn.saving", ...ids } }], ["working", /saving/, "working"]],
    [
      "the provider is asked again later",
      [
        ...running,
        { report: { kind: "retry.scheduled", ...ids, attempt: 1, message: "429", nextAt: "2026-01-01T00:00:00.000Z" } },
      ],
      ["waiting", /try 2: 429/, "working"],
    ],
    ["stopping", [...running, { type: "turn.stop" }], ["working", /stopping/, "working"]],
    ["stopped", [...running, { type: "turn.stop" }, ended("interrupted")], ["idle", /stopped by you/, "done"]],
    [
      "stopped, with another prompt cancelled before",
      [
        ...running,
        send(secondId),
        { type: "prompt.cancel", promptId: secondId },
        { type: "turn.stop" },
        ended("interrupted"),
      ],
      ["idle", /stopped by you/, "done"],
    ],
    ["done without changes", [...running, ended("completed")], ["idle", /no changes/, "done"]],
    ["done with changes", [...running, checkpoint, ended("completed")], ["idle", /\+2 −0 · 1 file/, "review"]],
    ["failed", [...running, ended("failed")], ["failed", /without saying why/, "needs-you"]],
    ["the container died", [...running, lost(false)], ["failed", /gone/, "needs-you"]],
    [
      "the container died while stopping",
      [...running, { type: "turn.stop" }, lost(false)],
      ["idle", /stopped by you/, "done"],
    ],
    [
      "it never started",
      [send(), { type: "sandbox.create", boot }, lost(false)],
      ["failed", /did not start: gone/, "needs-you"],
    ],
    [
      "the agent wants to push",
      [...running, asked],
      ["waiting", /asks for your approval: push agents\/t-123456/, "needs-you"],
    ],
    ["a command that the agent left running wants to push", [asked], ["waiting", /approval/, "needs-you"]],
    ["the agent may push", [...running, asked, answered], ["working", /working/, "working"]],
    ["the container was stopped between turns", [...running, ended("completed"), lost(true)], ["idle", /done/, "done"]],
  ])("%s", (_name, steps, [status, reason, attention]) => {
    const { session } = run(steps).state;
    expect(session.status).toBe(status);
    expect(session.statusReason).toMatch(reason);
    expect(session.attention).toBe(attention);
  });

  test("looking at a change makes review done; the next change is review again", () => {
    const { state } = run([...running, checkpoint, ended("completed")]);
    const seen = markSeen(state, state.session.lastSeq);
    expect(seen.session.attention).toBe("done");
    expect(markSeen(seen, 1).session.seenSeq).toBe(state.session.lastSeq);
  });
});

describe("which events a step records", () => {
  const steps: [name: string, before: Step[], step: Step, records: string[]][] = [
    ["a turn begins once", running, { type: "turn.begin", turnId: newId("turn") }, []],
    ["started twice", running, { report: { kind: "turn.started", ...ids, messageId: "m" } }, []],
    ["a report of another turn", running, { report: { kind: "turn.saving", promptId, turnId: newId("turn") } }, []],
    ["a report of another prompt", running, { report: { kind: "turn.saving", promptId: secondId, turnId } }, []],
    ["stopped twice", [...running, { type: "turn.stop" }], { type: "turn.stop" }, []],
    ["the end of another boot", running, { ...lost(false), boot: newId("boot") }, []],
    ["ended twice", [...running, lost(false)], lost(false), []],
    [
      "a lost container with a second prompt waiting",
      [...running, send(secondId)],
      lost(false),
      ["sandbox.failed", "prompt.failed"],
    ],
    [
      "a boot that fails, with two prompts waiting",
      [send(), send(secondId), ...ready.slice(0, 1)],
      { report: { kind: "boot.failed", phase: "clone", message: "no", logTail: "" } },
      ["sandbox.failed", "prompt.failed", "prompt.failed"],
    ],
    ["stop before the turn", [send(), send(secondId)], { type: "turn.stop" }, ["prompt.cancelled", "prompt.cancelled"]],
    [
      "a turn ends with a request open",
      [...running, asked],
      ended("completed"),
      ["approval.answered", "prompt.completed"],
    ],
    ["a container ends with a request open", [...ready, asked], lost(true), ["approval.answered", "sandbox.stopped"]],
    ["settings that are so already", [], { type: "session.update", agentPush: "ask", publishMode: "auto" }, []],
    ["a setting that changes", [], { type: "session.update", permissionMode: "plan" }, ["session.configured"]],
    [
      "a failed save is said before the end",
      running,
      { report: { kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1, saveError: "disk" } },
      ["checkpoint.failed", "prompt.completed"],
    ],
    [
      "a turn whose sandbox the server stops did not end by the user",
      [...running, full],
      ended("interrupted"),
      ["prompt.failed"],
    ],
    ["a turn that was done before that is done", [...running, full], ended("completed"), ["prompt.completed"]],
    [
      "the user's own stop is theirs, whatever comes after it",
      [...running, { type: "turn.stop" }, full],
      ended("interrupted"),
      ["prompt.interrupted"],
    ],
  ];
  test.each(steps.map(([name, before, step, records]) => ({ name, before, step, records })))("$name", (row) => {
    const { before, step, records } = row;
    const earlier = run(before).types.length;
    expect(run([...before, step]).types.slice(earlier)).toEqual(records);
  });

  const refusals: [name: string, before: Step[], command: SessionCommand, code: string][] = [
    ["stop with nothing to stop", [], { type: "turn.stop" }, "session.nothing-to-stop"],
    ["edit of a running prompt", running, { type: "prompt.edit", promptId, text: "x" }, "prompt.not-queued"],
    ["cancel of an unknown prompt", [], { type: "prompt.cancel", promptId: secondId }, "prompt.not-found"],
    ["a prompt to a deleted session", [{ type: "session.delete" }], send(), "session.deleted"],
  ];
  test.each(refusals.map(([name, before, command, code]) => ({ name, before, command, code })))("$name", (row) => {
    const { before, command, code } = row;
    const { state } = run(before);
    expect(() => decide(state, command)).toThrowError(expect.objectContaining({ code }) as AppError);
  });
});

test("what is told late is taken of a turn that was lost with its sandbox, not of one that told its end", () => {
  const part = { partId: "more", kind: "text" as const, index: 0, text: "And the rest." };
  const tellLate = (steps: Step[]): NewSessionEvent[] => {
    const { state } = run([...running, ...steps]);
    return decideReport(state, { kind: "part.settled", ...ids, part }, state.prompts[0]);
  };
  expect(tellLate([lost(false)]).map(({ type }) => type)).toEqual(["part.settled"]);
  expect(tellLate([full, ended("failed")])).toEqual([]);
  expect(tellLate([ended("completed")])).toEqual([]);
});
