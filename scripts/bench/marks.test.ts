import { newId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { expect, test } from "vitest";
import { buildSteps, marksOfSession } from "./marks.ts";

const boot = newId("boot");
const at = (ms: number) => new Date(1_000_000 + ms).toISOString();

test("a session's events become marks: phases by name, each once, the rest left out", () => {
  const events: SessionEvent[] = [
    { seq: 1, v: 1, at: at(5), actor: "server", type: "sandbox.creating", data: { boot } },
    { seq: 2, v: 1, at: at(90), actor: "agent", type: "sandbox.booting", data: { boot, phase: "clone" } },
    { seq: 3, v: 1, at: at(95), actor: "agent", type: "sandbox.booting", data: { boot, phase: "clone" } },
    { seq: 4, v: 1, at: at(97), actor: "user", type: "session.renamed", data: { title: "Else" } },
    { seq: 5, v: 1, at: at(99), actor: "agent", type: "sandbox.booting", data: { boot, phase: "agent" } },
  ];
  expect(marksOfSession(events)).toEqual([
    { name: "sandbox.creating", atMs: 1_000_005 },
    { name: "sandbox.booting clone", atMs: 1_000_090 },
    { name: "sandbox.booting agent", atMs: 1_000_099 },
  ]);
});

test("steps follow the medians of all samples and end with the first model request", () => {
  const sample = (startedAtMs: number, [first, second, end]: [number, number, number]) => ({
    startedAtMs,
    durationMs: end,
    marks: [
      { name: "ready", atMs: startedAtMs + second },
      { name: "created", atMs: startedAtMs + first },
    ],
  });
  expect(buildSteps([sample(0, [10, 100, 200]), sample(5000, [30, 140, 260]), sample(9000, [20, 120, 900])])).toEqual([
    { name: "created", offsetMs: 20, stepMs: 20 },
    { name: "ready", offsetMs: 120, stepMs: 100 },
    { name: "first model request", offsetMs: 260, stepMs: 140 },
  ]);
});

test("what came after the first model request is no step towards it", () => {
  const marks = [
    { name: "before", atMs: 50 },
    { name: "after", atMs: 150 },
  ];
  expect(buildSteps([{ startedAtMs: 0, durationMs: 100, marks }]).map(({ name }) => name)).toEqual([
    "before",
    "first model request",
  ]);
});
