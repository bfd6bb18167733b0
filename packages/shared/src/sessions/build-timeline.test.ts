import { describe, expect, it } from "vitest";
import type { NewSessionEvent } from "../protocol/session-events.ts";
import {
  begun,
  checkpointId,
  commit,
  completed,
  creating,
  log,
  open,
  P1,
  P2,
  queued,
  ready,
  settled,
  starting,
  T1,
  T2,
} from "../testing/session-log.ts";
import { buildTimeline } from "./build-timeline.ts";
import type { TimelineEntry } from "./timeline.ts";

const keys = (entries: TimelineEntry[] = []) => entries.map(({ key }) => key);
const kinds = (entries: TimelineEntry[] = []) => entries.map(({ kind }) => kind);

describe("turns and prompts", () => {
  it.each([
    ["nothing", [], []],
    ["a prompt alone waits for its turn", [queued(P1)], ["pending"]],
    ["starting", [queued(P1), starting(P1, T1)], ["starting"]],
    ["running", begun, ["running"]],
    ["saving", [...begun, { type: "prompt.saving", actor: "agent", promptId: P1, turnId: T1, data: {} }], ["saving"]],
    [
      "stopping",
      [...begun, { type: "prompt.stopping", actor: "user", promptId: P1, turnId: T1, data: {} }],
      ["stopping"],
    ],
    ["completed", [...begun, completed(P1, T1)], ["completed"]],
    ["the next one is up", [...begun, completed(P1, T1), queued(P2)], ["completed", "pending"]],
    [
      "a cancelled prompt leaves no turn",
      [queued(P1), { type: "prompt.cancelled", actor: "user", promptId: P1, data: {} }],
      [],
    ],
  ] as [string, NewSessionEvent[], string[]][])("%s", (_name, events, statuses) => {
    expect(buildTimeline({ events: log(...events) }).turns.map(({ status }) => status)).toEqual(statuses);
  });

  it("keeps a prompt behind a running turn out of the turns, and its edits", () => {
    const edit: NewSessionEvent = { type: "prompt.edited", actor: "user", promptId: P2, data: { text: "better" } };
    const { turns, queued: waiting } = buildTimeline({ events: log(...begun, queued(P2), edit) });
    expect(turns).toHaveLength(1);
    expect(waiting).toMatchObject([{ id: P2, text: "better" }]);
  });

  it("shows a prompt that no event tells of yet, and not twice once one does", () => {
    const prompt = {
      id: P1,
      text: "do it",
      mode: "queue" as const,
      model: "demo/scripted",
      effort: null,
      at: new Date(0).toISOString(),
    };
    expect(buildTimeline({ events: [], unconfirmedPrompts: [prompt] }).turns).toHaveLength(1);
    const { turns, queued: waiting } = buildTimeline({ events: log(...begun), unconfirmedPrompts: [prompt] });
    expect([turns.length, waiting.length]).toEqual([1, 0]);
    const cancelled: NewSessionEvent = { type: "prompt.cancelled", actor: "user", promptId: P1, data: {} };
    expect(buildTimeline({ events: log(queued(P1), cancelled), unconfirmedPrompts: [prompt] }).turns).toEqual([]);
  });

  it("sums usage and takes duration and changes from the events", () => {
    const usage: NewSessionEvent = {
      type: "usage.recorded",
      actor: "server",
      promptId: P1,
      turnId: T1,
      data: {
        model: "demo/scripted",
        inputTokens: 10,
        outputTokens: 5,
        cacheReadTokens: 3,
        cacheWriteTokens: 2,
        costUsd: 0.5,
      },
    };
    const saved: NewSessionEvent = {
      type: "checkpoint.created",
      actor: "server",
      promptId: P1,
      turnId: T1,
      data: {
        checkpointId,
        commit,
        files: 9,
        additions: 9,
        deletions: 9,
        turn: { files: 1, additions: 4, deletions: 2 },
      },
    };
    const [turn] = buildTimeline({ events: log(...begun, usage, usage, saved, completed(P1, T1)) }).turns;
    expect(turn).toMatchObject({
      durationMs: 72_000,
      checkpointId,
      usage: { inputTokens: 30, outputTokens: 10, costUsd: 1 },
      changes: { files: 1, additions: 4, deletions: 2 },
    });
  });

  it("numbers turns in order", () => {
    const events = log(...begun, completed(P1, T1), queued(P2), starting(P2, T2));
    expect(buildTimeline({ events }).turns.map(({ number, key }) => [number, key])).toEqual([
      [1, T1],
      [2, T2],
    ]);
  });
});

describe("parts", () => {
  it("stand by their index, whatever order they settled in, open ones among them", () => {
    const { turns } = buildTimeline({
      events: log(...begun, settled("c", 3), settled("a", 0)),
      openParts: [open("b", 1)],
    });
    expect(keys(turns[0]?.entries)).toEqual(["a", "b", "c"]);
  });

  it("are handed on by reference", () => {
    const events = log(...begun, settled("a", 0));
    const entry = buildTimeline({ events }).turns[0]?.entries[0];
    expect(entry?.kind === "part" && entry.part).toBe(events[3]?.data);
  });

  it("are shown once: a settled part beats the open one of the same id", () => {
    const { turns } = buildTimeline({ events: log(...begun, settled("a", 0)), openParts: [open("a", 0)] });
    expect(kinds(turns[0]?.entries)).toEqual(["part"]);
  });

  it("that are still open when their turn has ended are gone", () => {
    const { turns } = buildTimeline({ events: log(...begun, completed(P1, T1)), openParts: [open("a", 0)] });
    expect(turns[0]?.entries).toEqual([]);
  });

  it("of a child session hang under the call that began it", () => {
    const { turns } = buildTimeline({
      events: log(...begun, settled("child", 1, { parentPartId: "task" })),
      openParts: [open("task", 0, { kind: "tool", tool: { name: "task", status: "running" } })],
    });
    expect(turns[0]?.entries).toMatchObject([{ key: "task", children: [{ key: "child" }] }]);
  });

  it("stay visible when their parent is unknown", () => {
    const { turns } = buildTimeline({ events: log(...begun, settled("orphan", 0, { parentPartId: "nowhere" })) });
    expect(keys(turns[0]?.entries)).toEqual(["orphan"]);
  });
});

describe("what else happens in a turn", () => {
  const retry = (attempt: number): NewSessionEvent => ({
    type: "retry.scheduled",
    actor: "agent",
    promptId: P1,
    turnId: T1,
    data: { attempt, message: "overloaded", nextAt: new Date(2e12).toISOString() },
  });

  it("folds tries of one request into the newest, and marks it over once something follows", () => {
    const waiting = buildTimeline({ events: log(...begun, retry(1), retry(2)) }).turns[0]?.entries;
    expect(waiting).toMatchObject([{ kind: "retry", attempt: 2, over: false }]);
    const after = buildTimeline({ events: log(...begun, retry(1), settled("a", 0)) }).turns[0]?.entries;
    expect(after).toMatchObject([{ kind: "retry", over: true }, { key: "a" }]);
  });

  it("keeps notices between the parts they came between", () => {
    const notice: NewSessionEvent = {
      type: "notice.raised",
      actor: "agent",
      promptId: P1,
      turnId: T1,
      data: { level: "info", code: "x", message: "hm" },
    };
    const { turns } = buildTimeline({ events: log(...begun, settled("a", 0), notice, settled("b", 1)) });
    expect(kinds(turns[0]?.entries)).toEqual(["part", "notice", "part"]);
  });

  it("tells a published branch, or why not, on the checkpoint's line", () => {
    const saved: NewSessionEvent = {
      type: "checkpoint.created",
      actor: "server",
      promptId: P1,
      turnId: T1,
      data: { checkpointId, commit, files: 1, additions: 1, deletions: 0 },
    };
    const published: NewSessionEvent = {
      type: "branch.published",
      actor: "server",
      data: { branch: "agents/x", commit },
    };
    const conflict: NewSessionEvent = {
      type: "branch.conflicted",
      actor: "server",
      promptId: P1,
      turnId: T1,
      data: { branch: "agents/x", reason: "moved" },
    };
    const done = completed(P1, T1);
    expect(buildTimeline({ events: log(...begun, saved, done, published) }).turns[0]?.entries).toMatchObject([
      { published: { branch: "agents/x" } },
    ]);
    expect(buildTimeline({ events: log(...begun, saved, conflict) }).turns[0]?.entries).toMatchObject([
      { conflict: { reason: "moved" }, published: null },
    ]);
  });
});

it("tells once why the sandbox was stopped under a turn", () => {
  const failed = (message: string): NewSessionEvent => ({
    ...{ type: "prompt.failed", actor: "server", promptId: P1, turnId: T1 },
    data: { code: "sandbox.stopped", message },
  });
  const stopped: NewSessionEvent = { type: "sandbox.stopped", actor: "server", data: { reason: "full", exitCode: 0 } };
  const [told] = buildTimeline({ events: log(...begun, failed("full"), stopped) }).turns;
  expect(kinds(told?.entries)).toEqual(["error"]);
  const [other] = buildTimeline({ events: log(...begun, failed("something else"), stopped) }).turns;
  expect(kinds(other?.entries)).toEqual(["error", "sandbox-stopped"]);
  // Started again from its header and stopped again: another stop, with whatever reason.
  const again = [...begun, failed("full"), stopped, creating, ready, stopped];
  const [twice] = buildTimeline({ events: log(...again) }).turns;
  expect(kinds(twice?.entries)).toEqual(["error", "boot", "sandbox-stopped"]);
  const lost: NewSessionEvent = {
    ...{ type: "sandbox.failed", actor: "server" },
    data: { code: "sandbox.lost", reason: "full", logTail: "" },
  };
  const [crashed] = buildTimeline({ events: log(...begun, failed("full"), stopped, creating, ready, lost) }).turns;
  expect(kinds(crashed?.entries)).toEqual(["error", "boot", "sandbox-failed"]);
});

it("tells once why a sandbox did not start", () => {
  const data = { code: "sandbox.failed" as const, reason: "no disk", logTail: "" };
  const events = [queued(P1), creating, { type: "sandbox.failed", actor: "server", data } as const];
  const failed = (message: string): NewSessionEvent => ({
    ...{ type: "prompt.failed", actor: "server", promptId: P1, data: { code: "sandbox.failed", message } },
  });
  const entriesOf = (message: string) =>
    buildTimeline({ events: log(...events, failed(message)) }).turns.at(0)?.entries ?? [];
  expect(entriesOf("no disk")).toMatchObject([
    { kind: "boot", status: "failed", reason: null },
    { kind: "error", message: "no disk" },
  ]);
  expect(entriesOf("another")).toMatchObject([{ kind: "boot", reason: "no disk" }, { kind: "error" }]);
  // A start before it, that no prompt was sent for, says why it failed itself.
  const twice = log(creating, { type: "sandbox.failed", actor: "server", data }, ...events, failed("no disk"));
  expect(buildTimeline({ events: twice }).turns[0]?.entries).toMatchObject([
    { kind: "boot", reason: "no disk" },
    { kind: "boot", reason: null },
    { kind: "error", message: "no disk" },
  ]);
});
