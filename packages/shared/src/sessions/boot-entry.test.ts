import { describe, expect, it } from "vitest";
import type { NewSessionEvent } from "../protocol/session-events.ts";
import { booting, completed, creating, log, P1, P2, queued, ready, starting, T1, T2 } from "../testing/session-log.ts";
import { newId } from "../ids.ts";
import { buildTimeline } from "./build-timeline.ts";
import type { TimelineEntry } from "./timeline.ts";

const kinds = (entries: TimelineEntry[] = []) => entries.map(({ kind }) => kind);

const phases = (events: NewSessionEvent[]) => {
  const entry = buildTimeline({ events: log(...events) }).turns[0]?.entries[0];
  return entry?.kind === "boot" ? [entry.status, ...entry.phases.map(({ status }) => status)] : null;
};
it.each([
  ["creating", [queued(P1), creating], ["creating", "waiting", "waiting", "waiting", "waiting"]],
  [
    "in its second phase",
    [queued(P1), creating, booting("connect"), booting("clone")],
    ["booting", "done", "running", "waiting", "waiting"],
  ],
  ["ready", [queued(P1), creating, booting("agent"), ready], ["ready", "done", "done", "done", "done"]],
  [
    "failed",
    [
      queued(P1),
      creating,
      booting("clone"),
      { type: "sandbox.failed", actor: "server", data: { code: "sandbox.failed", reason: "no disk", logTail: "" } },
    ],
    ["failed", "done", "failed", "waiting", "waiting"],
  ],
] as [string, NewSessionEvent[], string[]][])("%s", (_name, events, expected) => {
  expect(phases(events)).toEqual(expected);
});

it("of the setup script alone wakes no agent, and the agent's follows it", () => {
  const setup: NewSessionEvent = {
    type: "sandbox.creating",
    actor: "server",
    data: { boot: newId("boot"), task: "setup" },
  };
  const done: NewSessionEvent = {
    ...{ type: "sandbox.stopped", actor: "server" },
    data: { reason: "the setup script has ended", exitCode: null },
  };
  const began: NewSessionEvent = {
    ...{ type: "setup.started", actor: "server" },
    data: { source: "file", apart: true },
  };
  const given: NewSessionEvent = {
    ...{ type: "secrets.given", actor: "server" },
    data: { names: ["TOKEN"], audience: "setup" },
  };
  const events = [queued(P1), setup, booting("setup"), began, given, done, creating, booting("agent"), ready];
  const entries = buildTimeline({ events: log(...events) }).turns[0]?.entries ?? [];
  expect(entries).toMatchObject([
    { kind: "boot", task: "setup", status: "stopped", reason: null, phases: { length: 3 } },
    { kind: "setup", apart: true, secretNames: ["TOKEN"] },
    { kind: "boot", task: "agent", status: "ready", phases: { length: 4 } },
  ]);
});

describe("of the setup script alone, whose container stops", () => {
  const stopped: NewSessionEvent = {
    ...{ type: "sandbox.stopped", actor: "server" },
    data: { reason: "the container was removed", exitCode: null },
  };
  const made: NewSessionEvent = {
    ...{ type: "sandbox.creating", actor: "server" },
    data: { boot: newId("boot"), task: "setup" },
  };
  const began: NewSessionEvent = {
    ...{ type: "setup.started", actor: "user" },
    data: { source: "file", again: true, apart: true },
  };
  const ended: NewSessionEvent = {
    ...{ type: "setup.ended", actor: "server" },
    data: { outcome: "stopped", exitCode: null, durationMs: 0, logTail: "" },
  };
  const bootsOf = (...events: NewSessionEvent[]) =>
    (buildTimeline({ events: log(...events) }).turns[0]?.entries ?? []).filter((entry) => entry.kind === "boot");

  it("says why where the script had not begun, which no other line tells", () => {
    expect(bootsOf(queued(P1), made, booting("clone"), stopped)).toMatchObject([
      { task: "setup", status: "stopped", reason: "the container was removed", phases: { 1: { status: "failed" } } },
    ]);
  });

  it("says it of the second container too where only the first one's script ran", () => {
    const first = [queued(P1), began, made, booting("setup"), ended, stopped];
    expect(bootsOf(...first, made, stopped).map(({ reason }) => reason)).toEqual([null, "the container was removed"]);
  });

  it.each([
    ["has begun", [made, began, stopped]],
    ["has ended", [made, began, ended, stopped]],
    ["was asked for before it", [began, made, stopped]],
  ])("leaves it to the script's own line where the script %s", (_name, events) => {
    expect(bootsOf(queued(P1), ...events).map(({ reason }) => reason)).toEqual([null]);
  });
});

it("belongs to the turn it was made for, and a second one to the next", () => {
  const stopped: NewSessionEvent = {
    type: "sandbox.stopped",
    actor: "server",
    data: { reason: "idle", exitCode: 0 },
  };
  const events = log(
    queued(P1),
    creating,
    ready,
    starting(P1, T1),
    completed(P1, T1),
    stopped,
    queued(P2),
    creating,
    ready,
    starting(P2, T2),
  );
  const { turns } = buildTimeline({ events });
  expect(turns.map(({ entries }) => kinds(entries))).toEqual([["boot", "sandbox-stopped"], ["boot"]]);
});

it("that fails together with its prompt makes a failed turn that says why", () => {
  const failed: NewSessionEvent = {
    type: "sandbox.failed",
    actor: "server",
    data: { code: "image.missing", reason: "no image", logTail: "" },
  };
  const promptFailed: NewSessionEvent = {
    type: "prompt.failed",
    actor: "server",
    promptId: P1,
    data: { code: "image.missing", message: "no image" },
  };
  const [turn] = buildTimeline({ events: log(queued(P1), creating, failed, promptFailed) }).turns;
  expect([turn?.status, kinds(turn?.entries)]).toEqual(["failed", ["boot", "error"]]);
});

it("that waits for the engine says what the system says of it", () => {
  const wait = (cause?: string): NewSessionEvent => ({
    ...{ type: "sandbox.queued", actor: "server" },
    data: { reason: "engine", position: 1, ...(cause !== undefined && { cause }) },
  });
  const reason = (event: NewSessionEvent) =>
    buildTimeline({ events: log(queued(P1), event) }).turns[0]?.entries.find(({ kind }) => kind === "boot");
  expect(reason(wait("connect ENOENT /run/engine.sock"))).toMatchObject({
    status: "queued",
    reason: "the Docker engine does not answer (connect ENOENT /run/engine.sock): start it, and this goes on by itself",
  });
  expect(reason(wait())).toMatchObject({ reason: expect.stringContaining("does not answer: start it") });
});
