import { expect, test } from "vitest";
import { createRestartPolicy } from "./restart-policy.mjs";

test("restarts slower each time and gives up at the fifth death within a minute", () => {
  const policy = createRestartPolicy();
  const decisions = [0, 1000, 2000, 3000, 4000].map((at) => policy.recordDeath(at));
  expect(decisions).toEqual([
    { action: "restart", delayMs: 250 },
    { action: "restart", delayMs: 500 },
    { action: "restart", delayMs: 1000 },
    { action: "restart", delayMs: 2000 },
    { action: "give-up", deaths: 5 },
  ]);
});

test("forgets deaths older than the window", () => {
  const policy = createRestartPolicy();
  for (let at = 0; at < 20 * 15_001; at += 15_001) {
    expect(policy.recordDeath(at).action).toBe("restart");
  }
});

test("never waits longer than the longest delay", () => {
  const policy = createRestartPolicy({ limit: 100, longestDelayMs: 700 });
  const delays = [1, 2, 3, 4].map((at) => policy.recordDeath(at));
  expect(delays).toEqual([250, 500, 700, 700].map((delayMs) => ({ action: "restart", delayMs })));
});
