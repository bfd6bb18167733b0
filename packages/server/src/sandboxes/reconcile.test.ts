import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startReconciling } from "./reconcile.ts";

const log = pino({ level: "silent" });
let stop: () => void = () => undefined;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  stop();
  vi.useRealTimers();
});

test("an engine that is back is asked within two seconds, and from then on every 30 s", async () => {
  let isDown = true;
  let runs = 0;
  const run = async (): Promise<void> => {
    runs += 1;
    if (isDown) throw new Error("the engine does not answer");
  };
  stop = startReconciling(run, { failed: true, log });
  await vi.advanceTimersByTimeAsync(60_000);
  const whileDown = runs;
  expect(whileDown).toBeGreaterThan(20);
  isDown = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toBe(whileDown + 1);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(runs).toBe(whileDown + 1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toBe(whileDown + 2);
});

test("an engine that goes away later is asked again soon, too", async () => {
  let runs = 0;
  const run = async (): Promise<void> => {
    runs += 1;
    if (runs === 1) throw new Error("the engine does not answer");
  };
  stop = startReconciling(run, { failed: false, log });
  await vi.advanceTimersByTimeAsync(29_999);
  expect(runs).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toBe(2);
});

test("one run at a time, and none after the end", async () => {
  let runs = 0;
  let finish: () => void = () => undefined;
  const run = async (): Promise<void> => {
    runs += 1;
    await new Promise<void>((resolve) => (finish = resolve));
  };
  stop = startReconciling(run, { failed: false, log });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(runs).toBe(1);
  stop();
  finish();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(runs).toBe(1);
});
