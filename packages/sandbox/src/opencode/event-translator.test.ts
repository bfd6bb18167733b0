import { describe, expect, it } from "vitest";
import { createEventTranslator, type TurnOutput } from "./event-translator.ts";
import { OpenCodeEvent } from "./opencode-events.ts";

const SESSION = "ses_main";
const time = { start: 1000 };

const message = (id: string, role: "user" | "assistant", sessionID = SESSION) =>
  OpenCodeEvent.parse({ type: "message.updated", properties: { info: { id, sessionID, role, time: { created: 1 } } } });
const part = (fields: Record<string, unknown>) =>
  OpenCodeEvent.parse({
    type: "message.part.updated",
    properties: { part: { sessionID: SESSION, messageID: "msg_a", ...fields } },
  });
const delta = (partID: string, text: string) =>
  OpenCodeEvent.parse({
    type: "message.part.delta",
    properties: { sessionID: SESSION, messageID: "msg_a", partID, field: "text", delta: text },
  });
const bash = (state: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  part({ id: "prt_t", type: "tool", tool: "bash", state, ...more });

function translate(events: OpenCodeEvent[]): TurnOutput[] {
  const translator = createEventTranslator({
    sessionId: SESSION,
    tree: "/workspace/x",
    openOutputLimit: 10,
    nowMs: () => 2000,
  });
  return [message("msg_u", "user"), message("msg_a", "assistant"), ...events].flatMap((event) =>
    translator.accept(event),
  );
}

describe("text", () => {
  it("opens, grows by deltas at their offset and settles once", () => {
    const end = part({ id: "prt_1", type: "text", text: "Hello", time: { start: 1000, end: 1500 } });
    expect(
      translate([
        part({ id: "prt_1", type: "text", text: "", time }),
        delta("prt_1", "Hel"),
        delta("prt_1", "lo"),
        end,
        end,
      ]),
    ).toEqual([
      { kind: "open", part: { partId: "prt_1", kind: "text", index: 0, rev: 0, text: "" } },
      { kind: "delta", partId: "prt_1", offset: 0, text: "Hel" },
      { kind: "delta", partId: "prt_1", offset: 3, text: "lo" },
      { kind: "settled", part: { partId: "prt_1", kind: "text", index: 0, text: "Hello", durationMs: 500 } },
    ]);
  });

  it("tells reasoning from text by the part's type", () => {
    expect(translate([part({ id: "prt_1", type: "reasoning", text: "", time }), delta("prt_1", "Hm")])).toMatchObject([
      { kind: "open", part: { kind: "reasoning" } },
      { kind: "delta", text: "Hm" },
    ]);
  });

  it.each([
    ["the prompt's own text", part({ id: "prt_u", type: "text", text: "hi", messageID: "msg_u" })],
    ["a part of a message not heard of", part({ id: "prt_x", type: "text", text: "hi", messageID: "msg_x" })],
    ["another session's part", part({ id: "prt_x", type: "text", text: "hi", sessionID: "ses_other" })],
    ["a step", part({ id: "prt_s", type: "step-start" })],
    ["a delta of an unknown part", delta("prt_none", "x")],
  ])("says nothing of %s", (_name, event) => {
    expect(translate([event])).toEqual([]);
  });
});

describe("tools", () => {
  const input = { command: "ls" };

  it("replaces the open part with each state and cuts its live output", () => {
    expect(
      translate([
        bash({ status: "pending", input: {} }),
        bash({ status: "running", input, time }),
        bash({ status: "running", input, time, metadata: { output: "0123456789abcdef" } }),
      ]).map((output) => (output.kind === "open" ? [output.part.rev, output.part.tool] : output)),
    ).toEqual([
      [0, { name: "bash", status: "pending", input: {} }],
      [1, { name: "bash", status: "running", input, startedAt: "1970-01-01T00:00:01.000Z" }],
      [2, { name: "bash", status: "running", input, startedAt: "1970-01-01T00:00:01.000Z", output: "6789abcdef" }],
    ]);
  });

  const done = { time: { start: 1000, end: 1200 }, input };
  it.each([
    [
      "completed, with exit code",
      { status: "completed", output: "a\n", title: "ls", metadata: { exit: 3 }, ...done },
      { status: "completed", output: "a\n", title: "ls", exitCode: 3, durationMs: 200 },
    ],
    ["failed", { status: "error", error: "no such file", ...done }, { status: "failed", error: "no such file" }],
    [
      "aborted before its end",
      { status: "error", error: "Tool execution aborted", ...done },
      { status: "interrupted" },
    ],
    [
      "ended by the user's abort",
      {
        status: "completed",
        output: "a\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>",
        metadata: {},
        ...done,
      },
      { status: "interrupted", output: "a\n" },
    ],
  ])("settles a call that %s", (_name, state, tool) => {
    expect(translate([bash(state)])).toMatchObject([
      { kind: "settled", part: { kind: "tool", tool: { name: "bash", ...tool } } },
    ]);
  });

  it("names files in a patch as git does", () => {
    const diff =
      "Index: /workspace/x/a.ts\n=====\n--- /workspace/x/a.ts\n+++ /workspace/x/a.ts\n@@ -1,1 +1,1 @@\n-a\n+b\n";
    const state = { status: "completed", output: "", metadata: { diff }, ...done };
    expect(translate([bash(state)])).toMatchObject([
      { part: { tool: { patch: "--- a/a.ts\n+++ b/a.ts\n@@ -1,1 +1,1 @@\n-a\n+b\n" } } },
    ]);
  });
});

describe("child sessions", () => {
  it("puts their parts under the task call that runs them", () => {
    const outputs = translate([
      part({
        id: "prt_task",
        type: "tool",
        tool: "task",
        state: { status: "running", time, metadata: { sessionId: "ses_child" } },
      }),
      message("msg_c", "assistant", "ses_child"),
      part({
        id: "prt_c",
        type: "text",
        text: "in",
        sessionID: "ses_child",
        messageID: "msg_c",
        time: { start: 1, end: 2 },
      }),
    ]);
    expect(outputs.at(-1)).toMatchObject({
      kind: "settled",
      part: { partId: "prt_c", index: 1, parentPartId: "prt_task" },
    });
  });
});

describe("the end of a turn", () => {
  const begin = () => {
    const translator = createEventTranslator({
      sessionId: SESSION,
      tree: "/x",
      openOutputLimit: 10,
      nowMs: () => 2000,
    });
    for (const event of [
      message("msg_a", "assistant"),
      part({ id: "prt_1", type: "text", text: "", time }),
      delta("prt_1", "half"),
      bash({ status: "running", input: { command: "x" }, time, metadata: { output: "so far" } }),
    ]) {
      translator.accept(event);
    }
    return translator;
  };

  it("settles what is open with what it has", () => {
    const translator = begin();
    expect(translator.openParts().map(({ partId, text }) => [partId, text])).toEqual([
      ["prt_1", "half"],
      ["prt_t", ""],
    ]);
    expect(translator.settleAll()).toMatchObject([
      { part: { partId: "prt_1", text: "half", durationMs: 1000 } },
      { part: { partId: "prt_t", tool: { status: "interrupted", output: "so far", durationMs: 1000 } } },
    ]);
    expect([...translator.settleAll(), ...translator.openParts()]).toEqual([]);
  });

  it("takes what the events did not bring from the store, once", () => {
    const translator = begin();
    const info = { id: "msg_a", sessionID: SESSION, role: "assistant" as const, time: { created: 1 } };
    const ids = { sessionID: SESSION, messageID: "msg_a" };
    const stored = {
      id: "prt_1",
      ...ids,
      type: "text" as const,
      text: "half and whole",
      time: { start: 1000, end: 1800 },
    };
    expect(translator.reconcile([{ info, parts: [stored] }])).toMatchObject([
      { kind: "settled", part: { text: "half and whole" } },
    ]);
    expect(translator.reconcile([{ info, parts: [stored] }])).toEqual([]);
  });
});
