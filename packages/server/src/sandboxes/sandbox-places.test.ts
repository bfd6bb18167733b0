import { expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import { createSandboxPlaces } from "./sandbox-places.ts";

const [a, b, c, d] = [newId("session"), newId("session"), newId("session"), newId("session")];

function places(limit: number, memory?: () => number) {
  return createSandboxPlaces({ limit: () => limit, availableBytes: memory ?? (() => undefined), reserveBytes: 100 });
}

test("first come, first served; a place that is given back goes to the first in line", () => {
  const queue = places(1);
  expect(queue.claim(a)).toEqual({ granted: true });
  expect(queue.claim(a)).toEqual({ granted: true });
  expect(queue.claim(b)).toEqual({ granted: false, reason: "limit", position: 1 });
  expect(queue.claim(c)).toEqual({ granted: false, reason: "limit", position: 2 });
  expect(queue.claim(b)).toEqual({ granted: false, reason: "limit", position: 1 });
  queue.release(a);
  expect(queue.claim(c)).toMatchObject({ granted: false, position: 2 });
  expect(queue.claim(b)).toEqual({ granted: true });
  expect(queue.claim(c)).toMatchObject({ granted: false, position: 1 });
});

test("who stops waiting makes room for those behind", () => {
  const queue = places(1);
  queue.hold(a);
  queue.claim(b);
  queue.claim(c);
  queue.release(b);
  expect(queue.listWaiting()).toEqual([c]);
});

test("adopted sandboxes hold their places even above the limit", () => {
  const queue = places(1);
  queue.hold(a);
  queue.hold(b);
  expect(queue.claim(c)).toMatchObject({ granted: false });
  queue.release(a);
  expect(queue.claim(c)).toMatchObject({ granted: false });
  queue.release(b);
  expect(queue.claim(c)).toEqual({ granted: true });
});

test("a sandbox that was just started has yet to take its memory: the next waits until it has", () => {
  let now = 0;
  const starting = new Set([b]);
  const queue = createSandboxPlaces({
    ...{ limit: () => 9, availableBytes: () => 150, reserveBytes: 100, nowMs: () => now },
    isStarting: (sessionId) => starting.has(sessionId),
  });
  expect(queue.claim(a)).toEqual({ granted: true });
  expect(queue.claim(b)).toEqual({ granted: false, reason: "memory", position: 1 });
  now = 60_000;
  // What the first took is no longer free; this machine has that and more.
  expect(queue.claim(b)).toEqual({ granted: true });
  expect(queue.claim(c)).toMatchObject({ granted: false, reason: "memory" });
  now = 120_000;
  expect(queue.claim(c)).toMatchObject({ granted: false, reason: "memory" });
  starting.clear();
  expect(queue.claim(c)).toEqual({ granted: true });
});

test("one that ran before a restart has taken its memory", () => {
  const queue = places(9, () => 150);
  queue.hold(a);
  expect(queue.claim(b)).toEqual({ granted: true });
  expect(queue.claim(c)).toMatchObject({ granted: false, reason: "memory" });
});

test("who could not use their place wait where they stood", () => {
  const queue = places(2);
  for (const id of [a, b, c, d]) queue.claim(id);
  expect(queue.listWaiting()).toEqual([c, d]);
  expect(queue.putBack(b)).toBe(1);
  expect(queue.putBack(a)).toBe(1);
  expect(queue.listWaiting()).toEqual([a, b, c, d]);
  queue.release(a);
  expect(queue.claim(b)).toEqual({ granted: true });
  expect(queue.claim(a)).toMatchObject({ granted: false, position: 3 });
});

test("without free memory a second one waits, the first never does", () => {
  expect(places(9, () => 50).claim(a)).toEqual({ granted: true });
  let free = 50;
  const queue = places(9, () => free);
  queue.hold(a);
  expect(queue.claim(d)).toEqual({ granted: false, reason: "memory", position: 1 });
  free = 200;
  expect(queue.claim(d)).toEqual({ granted: true });
});
