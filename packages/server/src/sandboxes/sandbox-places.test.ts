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

test("without free memory a second one waits, the first never does", () => {
  let free = 50;
  const queue = places(9, () => free);
  expect(queue.claim(a)).toEqual({ granted: true });
  expect(queue.claim(d)).toEqual({ granted: false, reason: "memory", position: 1 });
  free = 200;
  expect(queue.claim(d)).toEqual({ granted: true });
});
