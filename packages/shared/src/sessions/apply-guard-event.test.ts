import { expect, it } from "vitest";
import { newId } from "../ids.ts";
import type { NewSessionEvent, SessionEvent } from "../protocol/session-events.ts";
import { buildTimeline } from "./build-timeline.ts";

const promptId = newId("prompt");
const turnId = newId("turn");
const during = { promptId, turnId } as const;
const blocked = (host: string, times?: number): NewSessionEvent => ({
  type: "egress.blocked",
  actor: "server",
  data: { host, port: 443, reason: "not on the list", requestId: `r-${host}`, ...(times ? { times } : {}) },
});
const given = (names: string[]): NewSessionEvent => ({ type: "secrets.given", actor: "server", data: { names } });
const TURN: NewSessionEvent[] = [
  {
    type: "prompt.queued",
    actor: "user",
    promptId,
    data: { text: "go", mode: "queue", model: "demo/scripted", effort: null },
  },
  { type: "prompt.starting", actor: "server", ...during, data: {} },
  { type: "prompt.started", actor: "agent", ...during, data: { messageId: "m" } },
];
const END: NewSessionEvent = {
  type: "prompt.completed",
  actor: "agent",
  ...during,
  data: { durationMs: 1, checkpointId: null },
};

function entriesOf(...given: NewSessionEvent[]) {
  const events = given.map((event, at): SessionEvent => ({
    ...event,
    seq: at + 1,
    v: 1,
    at: new Date(at).toISOString(),
  }));
  return buildTimeline({ events }).turns.flatMap(({ entries }) => entries);
}

it("puts hosts refused one after the other on one line, each with how often", () => {
  const allowed: NewSessionEvent = {
    type: "egress.allowed",
    actor: "user",
    data: { requestId: "r-a.example", host: "a.example", port: 443, scope: "session" },
  };
  const [first, second, third] = entriesOf(
    ...TURN,
    blocked("a.example", 2),
    blocked("b.example"),
    blocked("a.example"),
    allowed,
    blocked("c.example"),
  );
  expect(first).toMatchObject({
    kind: "egress",
    hosts: [
      { host: "a.example", times: 3 },
      { host: "b.example", times: 1 },
    ],
  });
  expect(second).toMatchObject({ kind: "egress-allowed", host: "a.example", scope: "session" });
  expect(third).toMatchObject({ kind: "egress", hosts: [{ host: "c.example" }] });
});

it("tells of secrets at the start that gave them, and again only when they changed", () => {
  const names = entriesOf(given(["B", "A"]), ...TURN, END, given(["A", "B"]), given([]), given([])).flatMap((entry) =>
    entry.kind === "secrets" ? [entry.names] : [],
  );
  expect(names).toEqual([["B", "A"], []]);
});

it("brings the line of a setup script's run to its end, and tells of each run", () => {
  const started = (again: boolean): NewSessionEvent => ({
    type: "setup.started",
    actor: "server",
    data: { source: "file", again },
  });
  const ended: NewSessionEvent = {
    type: "setup.ended",
    actor: "agent",
    data: { outcome: "failed", exitCode: 2, durationMs: 900, logTail: "no such file" },
  };
  const runs = entriesOf(started(false), ended, ...TURN, END, started(true)).filter(({ kind }) => kind === "setup");
  expect(runs).toMatchObject([
    { status: "failed", exitCode: 2, logTail: "no such file", again: false },
    { status: "running", again: true },
  ]);
});

it("keeps what a budget says at the end of the turn it stopped", () => {
  const use = { scope: "session", measure: "usd", used: 5.02, limit: 5 } as const;
  const interrupted = (reason: string): NewSessionEvent => ({
    ...{ type: "prompt.interrupted", actor: "server", ...during },
    data: { reason },
  });
  const reached: NewSessionEvent = { type: "budget.reached", actor: "server", data: use };
  const changed: NewSessionEvent = { type: "budget.changed", actor: "user", data: { budget: { usd: 10 } } };
  const kinds = (...events: NewSessionEvent[]) => entriesOf(...events).map(({ kind }) => kind);
  const warned: NewSessionEvent = { type: "budget.warned", actor: "server", data: { ...use, used: 4.1 } };
  const byBudget = interrupted("budget reached: $5.02 of $5.00 for this session");
  // That it stopped the turn is said once.
  expect(kinds(...TURN, warned, reached, byBudget, changed)).toEqual(["budget", "budget", "budget-changed"]);
  // What else stopped a turn in which a budget was used up is said.
  expect(entriesOf(...TURN, reached, interrupted("the container was removed"))).toMatchObject([
    { kind: "budget" },
    { kind: "interrupted", reason: "the container was removed" },
  ]);
  // Reached between two turns and raised: the next one is stopped by the user.
  expect(kinds(reached, changed, ...TURN, interrupted("stopped"))).toEqual(["budget", "budget-changed", "interrupted"]);
});

it("says what the user lets the session do from here on", () => {
  const configured = (data: { networkMode?: "none" | "open"; permissionMode?: "ask" }): NewSessionEvent => ({
    type: "session.configured",
    actor: "user",
    data: { model: "demo/scripted", effort: null, ...data },
  });
  const created: NewSessionEvent = {
    type: "session.created",
    actor: "user",
    data: {
      ...{ title: "T", repository: { id: newId("repository"), name: "r", path: "/r" }, baseBranch: "main" },
      ...{ baseCommit: "a".repeat(40), branch: "agents/t", model: "demo/scripted", effort: null },
      networkMode: "allowlist",
    },
  };
  const later = [configured({ networkMode: "open" }), configured({}), configured({ permissionMode: "ask" })];
  expect(entriesOf(created, ...TURN, END, ...later, configured({ networkMode: "none" }))).toMatchObject([
    { kind: "network-mode", from: "allowlist", to: "open" },
    { kind: "permission-mode", from: null, to: "ask" },
    { kind: "network-mode", from: "open", to: "none" },
  ]);
});
