import { describe, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { decideApproval, decideAsk, withdrawApprovals } from "./approval-machine.ts";
import { project } from "./session-projection.ts";
import type { SessionState } from "./session-state.ts";

const approval = (approvalId: string) => ({
  approvalId,
  action: "push" as const,
  summary: "push agents/t to origin",
  details: [],
});

function stateAfter(...events: NewSessionEvent[]): SessionState {
  const created: NewSessionEvent = {
    type: "session.created",
    actor: "user",
    data: {
      title: "T",
      repository: { id: newId("repository"), name: "r", path: "/r" },
      baseBranch: "main",
      baseCommit: "a".repeat(40),
      branch: "agents/t",
      model: "demo/scripted",
      effort: null,
    },
  };
  let state: SessionState | undefined;
  for (const [at, event] of [created, ...events].entries()) {
    state = project(state, { ...event, seq: at + 1, v: 1, at: "2026-01-01T00:00:00.000Z" }, newId("session"));
  }
  if (!state) throw new Error("no state");
  return state;
}
const asking = (...ids: string[]): SessionState =>
  stateAfter(...ids.map((id): NewSessionEvent => ({ type: "approval.asked", actor: "agent", data: approval(id) })));

describe("what the agent asks", () => {
  test("is asked once", () => {
    expect(decideAsk(stateAfter(), approval("a"))).toMatchObject([{ type: "approval.asked", data: approval("a") }]);
    expect(decideAsk(asking("a"), approval("a"))).toEqual([]);
  });

  test("is not buried under more", () => {
    const many = asking(...Array.from({ length: 8 }, (_, at) => `a${at}`));
    expect(() => decideAsk(many, approval("z"))).toThrow(/8 requests/);
  });
});

describe("the user's answer", () => {
  test.each([
    { allow: true, remember: undefined, types: ["approval.answered"], agentPush: "ask" },
    { allow: true, remember: true, types: ["approval.answered", "session.configured"], agentPush: "auto" },
    { allow: false, remember: true, types: ["approval.answered", "session.configured"], agentPush: "never" },
  ])("allow $allow, remember $remember", ({ allow, remember, types, agentPush }) => {
    const events = decideApproval(asking("a", "b"), { approvalId: "a", allow, remember, message: "as you like" });
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events[0]?.data).toEqual({
      approvalId: "a",
      outcome: allow ? "allowed" : "refused",
      message: "as you like",
    });
    const after = stateAfter({ type: "approval.asked", actor: "agent", data: approval("a") }, ...events);
    expect(after.session.asking.approvals).toEqual([]);
    expect(after.session.agentPush).toBe(agentPush);
  });

  test("comes too late", () => {
    expect(() => decideApproval(asking("b"), { approvalId: "a", allow: true })).toThrow(/not asked any more/);
  });
});

test("what nobody waits for is withdrawn: all, or those that are named", () => {
  const idsOf = (events: NewSessionEvent[]) =>
    events.map((event) => event.type === "approval.answered" && [event.data.approvalId, event.data.outcome]);
  expect(idsOf(withdrawApprovals(asking("a", "b"), "gone"))).toEqual([
    ["a", "withdrawn"],
    ["b", "withdrawn"],
  ]);
  expect(idsOf(withdrawApprovals(asking("a", "b"), "gone", ["b", "c"]))).toEqual([["b", "withdrawn"]]);
});
