import { newId } from "@background-agents/shared/ids";
import { expect, it } from "vitest";
import { createCallPlaces } from "./call-places.ts";

const [one, other] = [newId("session"), newId("session")];

const start = () => createCallPlaces({ callsAtOnce: 2, sessionBytes: 100, allBytes: 150 });

it("gives one call too many no room, and the next one again when one has left", () => {
  const places = start();
  const first = places.enter(one);
  expect(places.enter(one).take(1)).toBe(true);
  const third = places.enter(one);
  expect(third.take(1)).toBe(false);
  expect(places.enter(other).take(1)).toBe(true);
  third.leave();
  first.leave();
  expect(places.enter(one).take(1)).toBe(true);
});

it("keeps a session to its share, and all of them to what there is", () => {
  const places = start();
  const [first, second, elsewhere] = [places.enter(one), places.enter(one), places.enter(other)];
  expect([first.take(60), second.take(60), second.take(40)]).toEqual([true, false, true]);
  expect([elsewhere.take(60), elsewhere.take(50)]).toEqual([false, true]);
});

it("gives back what a call held once, however often it leaves", () => {
  const places = start();
  const [first, second] = [places.enter(one), places.enter(one)];
  first.take(60);
  second.take(40);
  first.leave();
  first.leave();
  expect([first.take(1), second.take(61), second.take(60)]).toEqual([false, false, true]);
});
