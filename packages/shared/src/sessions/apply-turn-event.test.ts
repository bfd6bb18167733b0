import { describe, expect, it } from "vitest";
import type { NewSessionEvent } from "../protocol/session-events.ts";
import { begun, completed, log, P1, P2, queued, settled, starting, T1, T2 } from "../testing/session-log.ts";
import { newId } from "../ids.ts";
import { buildTimeline } from "./build-timeline.ts";

const P3 = newId("prompt");
const ids = { promptId: P1, turnId: T1 };
const questions = [{ question: "Keep it?", header: "Column", options: [{ label: "Yes", description: "" }] }];
const asked: NewSessionEvent = {
  type: "question.asked",
  actor: "agent",
  ...ids,
  data: { questionId: "q", questions },
};
const answered = (answers: string[][] | null): NewSessionEvent => ({
  type: "question.answered",
  actor: "user",
  ...ids,
  data: { questionId: "q", answers },
});
const permissionAsked: NewSessionEvent = {
  type: "permission.asked",
  actor: "agent",
  ...ids,
  data: { permissionId: "p", permission: "bash", patterns: ["rm -rf build"] },
};
const permissionAnswered: NewSessionEvent = {
  type: "permission.answered",
  actor: "user",
  ...ids,
  data: { permissionId: "p", reply: "reject", message: "keep it" },
};
const steered: NewSessionEvent = { type: "prompt.steered", actor: "agent", promptId: P2, turnId: T1, data: {} };
const entriesOf = (...events: NewSessionEvent[]) => buildTimeline({ events: log(...events) }).turns[0]?.entries;

describe("what the agent asks", () => {
  it.each([
    ["nobody answered yet", [asked], undefined],
    ["answered", [asked, answered([["Yes"]])], [["Yes"]]],
    ["refused", [asked, answered(null)], null],
    ["the same id in a later process is another question", [asked, answered([["Yes"]]), asked], undefined],
  ] as const)("a question: %s", (_name, events, answers) => {
    const newest = entriesOf(...begun, ...events)?.at(-1);
    expect(newest).toMatchObject({ kind: "question", questions });
    expect(newest?.kind === "question" && newest.answers).toEqual(answers);
  });

  it("a permission carries its reply and its reason", () => {
    expect(entriesOf(...begun, permissionAsked)).toMatchObject([{ kind: "permission", reply: null, message: null }]);
    expect(entriesOf(...begun, permissionAsked, permissionAnswered)).toMatchObject([
      { kind: "permission", patterns: ["rm -rf build"], reply: "reject", message: "keep it" },
    ]);
  });

  it("a stop that took more than asking says so", () => {
    const data = { step: "restart-agent" as const, afterMs: 10_000 };
    expect(entriesOf(...begun, { type: "stop.escalated", actor: "agent", ...ids, data })).toMatchObject([
      { kind: "stop-escalated", ...data },
    ]);
  });
});

describe("prompts sent while a turn runs", () => {
  it("a steered one stands where it joined the turn, and waits no longer", () => {
    const { turns, queued: waiting } = buildTimeline({
      events: log(...begun, settled("a", 0), queued(P2, "use config"), steered, settled("b", 1), completed(P1, T1)),
    });
    expect(turns).toHaveLength(1);
    expect(turns[0]?.entries).toMatchObject([
      { key: "a" },
      { kind: "steered", prompt: { text: "use config" } },
      { key: "b" },
    ]);
    expect(waiting).toEqual([]);
  });

  it("one that no turn took becomes a turn of its own", () => {
    const { turns } = buildTimeline({ events: log(...begun, queued(P2), completed(P1, T1), starting(P2, T2)) });
    expect(turns.map(({ prompt }) => prompt.id)).toEqual([P1, P2]);
  });

  it("stand in the order they were put in; one sent later stands last", () => {
    const order = (...promptIds: (typeof P1)[]): NewSessionEvent => ({
      type: "prompt.reordered",
      actor: "user",
      data: { order: promptIds },
    });
    const P4 = newId("prompt");
    const { queued: waiting } = buildTimeline({
      events: log(...begun, queued(P2), queued(P3), order(P3, P2), queued(P4)),
    });
    expect(waiting.map(({ id }) => id)).toEqual([P3, P2, P4]);
  });
});

describe("a part of which only the beginning was heard", () => {
  const lost: NewSessionEvent = {
    type: "prompt.failed",
    actor: "server",
    ...ids,
    data: { code: "sandbox.lost", message: "The sandbox ended." },
  };
  const half = settled("a", 0, { text: "Half of", partial: true });

  it("stands with the turn, and in its place the whole of it once that is told", () => {
    expect(entriesOf(...begun, half, lost)).toMatchObject([{ part: { text: "Half of" } }, { kind: "error" }]);
    const whole = settled("a", 0, { text: "Half of it, and the rest." });
    expect(entriesOf(...begun, half, lost, whole)).toMatchObject([
      { key: "a", part: { text: "Half of it, and the rest." } },
      { kind: "error" },
    ]);
  });

  it("is not taken for more than a part that is whole", () => {
    expect(entriesOf(...begun, settled("a", 0, { text: "All of it." }), half)).toMatchObject([
      { part: { text: "All of it." } },
    ]);
  });
});
