import { expect, test } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createEnginePresence } from "./engine-presence.ts";

const away = new AppError("engine.unavailable", "away");

function open() {
  const state = { nowMs: 0, asked: 0, failure: undefined as Error | undefined };
  const presence = createEnginePresence({
    nowMs: () => state.nowMs,
    async info() {
      state.asked += 1;
      await Promise.resolve();
      if (state.failure) throw state.failure;
    },
  });
  return { ...presence, state };
}

test("many who ask at once ask once", async () => {
  const { findObstacle, state } = open();
  expect(await Promise.all([findObstacle(), findObstacle(), findObstacle()])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(state.asked).toBe(1);
  // It is asked anew by the next.
  await findObstacle();
  expect(state.asked).toBe(2);
});

test("an engine that stays away is asked less and less, at least once a minute, and anew when it answered another", async () => {
  const { findObstacle, noteAnswer, state } = open();
  state.failure = away;
  const askedAt: number[] = [];
  for (; state.nowMs < 200_000; state.nowMs += 500) {
    const before = state.asked;
    expect(await findObstacle()).toBe(away);
    if (state.asked > before) askedAt.push(state.nowMs / 1000);
  }
  expect(askedAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);

  state.failure = undefined;
  expect(await findObstacle()).toBe(away);
  expect(noteAnswer()).toBe(true);
  expect(noteAnswer()).toBe(false);
  expect(await findObstacle()).toBeUndefined();
});

test("who was broken off waits a moment before the engine is asked again", async () => {
  const { findObstacle, noteAway, state } = open();
  noteAway(away);
  expect(await findObstacle()).toBe(away);
  expect(state.asked).toBe(0);
  state.nowMs += 1000;
  expect(await findObstacle()).toBeUndefined();
});

test("what is wrong with how it is asked is not told as an engine that is away", async () => {
  const { findObstacle, state } = open();
  state.failure = new AppError("engine.unusable", "no certificate");
  await expect(findObstacle()).rejects.toBe(state.failure);
  state.failure = undefined;
  expect(await findObstacle()).toBeUndefined();
});
