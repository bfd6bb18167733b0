import { newId } from "@background-agents/shared/ids";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createOpenCalls } from "./open-calls.ts";

const [one, other] = [newId("session"), newId("session")];
const may = { tokens: 400, usd: 0.4 };
const never = new AbortController().signal;
const allowed = () => undefined;

/** Each session may use a dollar, all together 2,000 tokens; nothing is used yet. */
const start = () => createOpenCalls({ hasRoom: (_id, { own, all }) => own.usd < 1 && all.tokens < 2000 });

async function enter(calls: ReturnType<typeof start>, sessionId = one): Promise<() => void> {
  const entered = await calls.enter({ sessionId, may }, allowed, never);
  if ("refused" in entered) throw new Error("refused");
  return entered.end;
}

it("lets calls in while what they may use leaves room, and the next one when one has ended", async () => {
  const calls = start();
  const ends = [await enter(calls), await enter(calls), await enter(calls)];
  let inside = false;
  const fourth = enter(calls).then(() => (inside = true));
  await nextTurn();
  expect(inside).toBe(false);
  // Another session has a dollar of its own.
  const elsewhere = await enter(calls, other);
  await nextTurn();
  expect(inside).toBe(false);
  elsewhere();
  ends[0]?.();
  await fourth;
});

it("counts the calls of all sessions to what they have together", async () => {
  const calls = start();
  for (const sessionId of [one, one, one, other, other]) await enter(calls, sessionId);
  let inside = false;
  void enter(calls, other).then(() => (inside = true));
  await nextTurn();
  expect(inside).toBe(false);
});

it("lets one in that nobody else is in the way of, however little is left", async () => {
  const calls = createOpenCalls({ hasRoom: () => false });
  (await enter(calls))();
  await enter(calls);
});

it("refuses one that waited where the budget is used up by then, and lets go of one whose asker is gone", async () => {
  const calls = createOpenCalls({ hasRoom: () => false });
  const end = await enter(calls);
  const budget: { reason?: string } = {};
  const gone = new AbortController();
  const refused = calls.enter({ sessionId: one, may }, () => budget.reason, never);
  const left = calls.enter({ sessionId: one, may }, allowed, gone.signal);
  gone.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  budget.reason = "used up";
  end();
  expect(await refused).toEqual({ refused: "used up" });
});
