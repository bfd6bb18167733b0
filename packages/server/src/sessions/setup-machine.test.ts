import type { BootId } from "@background-agents/shared/ids";
import type { SetupState } from "@background-agents/shared/sessions/setup";
import { expect, it } from "vitest";
import { createdState } from "./created-state.ts";
import { decideSetupEnd, decideSetupReport, isSetupNext, nextSetupStep } from "./setup-machine.ts";
import type { SessionState } from "./session-state.ts";

const begun: SetupState = {
  ...{ status: "running", exitCode: null, logTail: "", startedAt: "2026-01-01T00:00:00.000Z", durationMs: null },
  apart: true,
};
const inAgents: SetupState = { ...begun, apart: false };
const over: SetupState = { ...begun, status: "ok" };

function make(
  setup: SetupState | null,
  task: SessionState["task"],
  status: SessionState["session"]["sandbox"]["status"],
): SessionState {
  const at = "2026-01-01T00:00:00.000Z";
  const data = {
    ...{ title: "A", repository: { id: "rep_1" as never, name: "a", path: "/a" }, baseBranch: "main", branch: "b" },
    ...{ baseCommit: "0".repeat(40), model: "demo/scripted", effort: null },
  };
  const created = createdState({ type: "session.created", seq: 1, v: 1, at, actor: "user", data }, "ses_1" as never);
  const session = { ...created.session, setup, sandbox: { ...created.session.sandbox, status } };
  return { ...created, session, task, boot: task === null ? null : ("boo_1" as BootId) };
}

it.each<[string, SessionState, ReturnType<typeof nextSetupStep>]>([
  ["nothing was asked", make(null, null, "none"), undefined],
  ["it has ended before, and the agent runs", make(over, "agent", "ready"), undefined],
  ["it runs in the agent's container", make(inAgents, "agent", "ready"), undefined],
  ["it was asked for while the agent's container is up", make(begun, "agent", "ready"), "end-agent"],
  ["it was asked for, and no container is up", make(begun, "agent", "stopped"), "start"],
  ["it waits for a place", make(begun, "agent", "queued"), "start"],
  ["its container boots", make(null, "setup", "booting"), "wait"],
  ["it runs", make(begun, "setup", "booting"), "wait"],
  ["it has ended, and its container is up", make(over, "setup", "booting"), "end-setup"],
  ["its container was lost with the server", make(begun, "setup", "stopped"), "start"],
])("knows what is next where %s", (_what, state, step) => {
  expect(nextSetupStep(state)).toBe(step);
});

it.each<[string, SessionState, boolean]>([
  ["before the first container", make(null, null, "none"), true],
  ["after one of its own that never got to it", make(null, "setup", "failed"), true],
  ["after an agent had the workspace", make(null, "agent", "stopped"), false],
  ["after a run that an agent told of", make(inAgents, "agent", "stopped"), false],
  ["after it ran", make(over, "setup", "stopped"), false],
  ["when the user asked again", make(begun, "agent", "stopped"), true],
])("comes next by itself only where no agent was: %s", (_when, state, expected) => {
  expect(isSetupNext(state, true)).toBe(expected);
});

it("needs no container of its own without secrets of its own", () => {
  expect(isSetupNext(make(null, null, "none"), false)).toBe(false);
});

const crashed = { reason: "it crashed", exitCode: 1, logTail: "", expected: false };
it.each([
  ["while it ran", make(begun, "setup", "booting"), crashed, ["setup.ended failed", "sandbox.stopped"]],
  [
    "ended by us",
    make(begun, "setup", "booting"),
    { ...crashed, expected: true },
    ["setup.ended stopped", "sandbox.stopped"],
  ],
  [
    "with the server that made it",
    make(begun, "setup", "creating"),
    { ...crashed, expected: true },
    ["sandbox.stopped"],
  ],
  ["after it ended", make(over, "setup", "booting"), { ...crashed, exitCode: 0 }, ["sandbox.stopped"]],
  ["before it began", make(null, "setup", "booting"), crashed, ["sandbox.failed"]],
  [
    "as something else than was built",
    make(begun, "setup", "booting"),
    { ...crashed, code: "sandbox.unsafe" as const },
    ["setup.ended failed", "sandbox.failed"],
  ],
])("has one end where its container goes %s", (...[, state, end, expected]) => {
  const told = decideSetupEnd(state, end).map((event) =>
    event.type === "setup.ended" ? `${event.type} ${event.data.outcome}` : event.type,
  );
  expect(told).toEqual(expected);
});

it("takes one beginning and one end from its container, and no agent", () => {
  const report = { kind: "setup.ended" as const, outcome: "ok" as const, exitCode: 0, durationMs: 1, logTail: "" };
  expect(decideSetupReport(make(begun, "setup", "booting"), report)).toHaveLength(1);
  expect(decideSetupReport(make(over, "setup", "booting"), report)).toEqual([]);
  expect(decideSetupReport(make(begun, "setup", "booting"), { kind: "setup.started", source: "file" })).toEqual([]);
  const ready = { kind: "boot.ready" as const, opencodeVersion: "1", bootMs: 1 };
  expect(decideSetupReport(make(begun, "setup", "booting"), ready)).toMatchObject([
    { type: "setup.ended", data: { outcome: "failed" } },
  ]);
});
