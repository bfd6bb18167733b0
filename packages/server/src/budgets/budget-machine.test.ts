import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Budget, BudgetUse } from "@background-agents/shared/usage/budget";
import { describe, expect, it } from "vitest";
import { project } from "../sessions/session-projection.ts";
import type { SessionState } from "../sessions/session-state.ts";
import { workedMs } from "../sessions/turn-clock.ts";
import { decideBudget } from "./budget-machine.ts";
import { judgeBudget } from "./judge-budget.ts";

const sessionId = newId("session");
const ids = { promptId: newId("prompt"), turnId: newId("turn") };
const NOON = "2026-11-23T12:00:00.000Z";

const CREATED: NewSessionEvent = {
  type: "session.created",
  actor: "user",
  data: {
    ...{ title: "T", repository: { id: newId("repository"), name: "r", path: "/r" }, baseBranch: "main" },
    ...{ baseCommit: "a".repeat(40), branch: "agents/t-123456", model: "demo/scripted", effort: null },
  },
};
const QUEUED: NewSessionEvent = {
  ...{ type: "prompt.queued", actor: "user", promptId: ids.promptId },
  data: { text: "go", mode: "queue", model: "demo/scripted", effort: null },
};
const STARTING: NewSessionEvent = { type: "prompt.starting", actor: "server", ...ids, data: {} };
const STARTED: NewSessionEvent = { type: "prompt.started", actor: "agent", ...ids, data: { messageId: "m" } };
const RUNNING = [CREATED, QUEUED, STARTING, STARTED];

/** The state after the events, each at its time. */
function after(events: readonly (NewSessionEvent & { at?: string })[]): SessionState {
  let state: SessionState | undefined;
  for (const [index, { at = NOON, ...event }] of events.entries()) {
    state = project(state, { ...event, seq: index + 1, v: 1, at }, sessionId);
  }
  if (!state) throw new Error("no events");
  return state;
}

const use = (used: number, changes: Partial<BudgetUse> = {}): BudgetUse => ({
  ...{ scope: "session", measure: "usd", used, limit: 10 },
  ...changes,
});
const SPENT = { usd: 10, tokens: 2000, minutes: 3 };
const look = (state: SessionState, uses: BudgetUse[], now = NOON) =>
  decideBudget(state, uses, { now: new Date(now), spentOf: () => SPENT });
const typesOf = (events: NewSessionEvent[]) => events.map(({ type }) => type);

describe("decideBudget", () => {
  it.each([
    ["nothing under 80 %", [use(7.99)], []],
    ["a warning from 80 % on", [use(8)], ["budget.warned"]],
    ["a stop at the limit", [use(10)], ["budget.reached", "prompt.stopping"]],
    [
      "a stop over it, once for all that are reached",
      [use(12), use(5, { limit: 5, measure: "minutes" })],
      ["budget.reached", "prompt.stopping"],
    ],
  ])("records %s", (...row) => {
    const [, uses, types] = row;
    expect(typesOf(look(after(RUNNING), uses))).toEqual(types);
  });

  it("warns of each limit once, of a day's once a day", () => {
    const day = use(9, { scope: "day" });
    const warned = after([...RUNNING, ...look(after(RUNNING), [use(9), day])]);
    expect(look(warned, [use(9.5), use(9.5, { scope: "day" })])).toEqual([]);
    expect(typesOf(look(warned, [use(9, { limit: 11 })]))).toEqual(["budget.warned"]);
    expect(typesOf(look(warned, [use(9.5), day], "2026-11-25T12:00:00.000Z"))).toEqual(["budget.warned"]);
  });

  it("stops once, and a turn that begins all the same again", () => {
    const stopped = after([...RUNNING, ...look(after(RUNNING), [use(10)])]);
    expect(stopped).toMatchObject({ stopping: true, session: { budgetReached: use(10) } });
    expect(look(stopped, [use(11)])).toEqual([]);
    const ended: NewSessionEvent = { type: "prompt.interrupted", actor: "server", ...ids, data: { reason: "r" } };
    const idle = after([...RUNNING, ...look(after(RUNNING), [use(10)]), ended]);
    expect(look(idle, [use(11)])).toEqual([]);
    expect(idle.session).toMatchObject({ attention: "needs-you", statusReason: expect.stringContaining("$10.00") });
  });

  it("lets go when there is room again, and says why", () => {
    const events = [CREATED, QUEUED, ...look(after([CREATED, QUEUED]), [use(10)])];
    expect(look(after(events), [use(10, { limit: 20 })])).toMatchObject([
      { data: { budget: null, cause: "settings" } },
    ]);
    expect(look(after(events), [])).toMatchObject([{ type: "budget.changed" }]);
    const day = [CREATED, QUEUED, ...look(after([CREATED, QUEUED]), [use(10, { scope: "day" })])];
    expect(after(day).session).toMatchObject({ status: "queued", attention: "needs-you" });
    expect(look(after(day), [use(0, { scope: "day" })])).toMatchObject([{ data: { cause: "new-day" } }]);
  });
});

describe("judgeBudget", () => {
  it("looks at the limits that are set", () => {
    const used = { usd: 1, tokens: 2, minutes: 3 };
    const limits: Record<"session" | "day", Budget> = { session: { usd: null, minutes: 30 }, day: { tokens: 100 } };
    expect(judgeBudget(limits, { session: used, day: { ...used, tokens: 50 } })).toEqual([
      { scope: "session", measure: "minutes", used: 3, limit: 30 },
      { scope: "day", measure: "tokens", used: 50, limit: 100 },
    ]);
  });
});

describe("the time of turns", () => {
  const at = (minutes: number) => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();
  const asked: NewSessionEvent = {
    ...{ type: "permission.asked", actor: "agent", ...ids },
    data: { permissionId: "p", permission: "bash", patterns: ["ls"] },
  };
  const answered: NewSessionEvent = {
    ...{ type: "permission.answered", actor: "user", ...ids },
    data: { permissionId: "p", reply: "once" },
  };
  const completed: NewSessionEvent = {
    ...{ type: "prompt.completed", actor: "agent", ...ids },
    data: { durationMs: 999_999_999, checkpointId: null },
  };

  it("is that between the start and the end, without what the user was waited for, by the server's clock", () => {
    const started = after(RUNNING);
    expect(workedMs(started, new Date(at(2)))).toBe(120_000);
    const waiting = [...RUNNING, { ...asked, at: at(3) }];
    expect(workedMs(after(waiting), new Date(at(50)))).toBe(180_000);
    const ended = after([...waiting, { ...answered, at: at(60) }, { ...completed, at: at(61) }]);
    expect(ended).toMatchObject({ runningSince: null, session: { workMs: 240_000 } });
  });

  it("does not go back with the clock", () => {
    expect(after([...RUNNING, { ...completed, at: at(-10) }]).session.workMs).toBe(0);
  });
});
