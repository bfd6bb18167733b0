import { newId } from "@background-agents/shared/ids";
import { expect, it } from "vitest";
import { beforeOfDrop, beforeOfStep } from "./queue-places.ts";

const [a, b, c] = [newId("prompt"), newId("prompt"), newId("prompt")];
const ids = [a, b, c];

it.each([
  ["up", c, -1, b],
  ["up from the top", a, -1, undefined],
  ["down, past the next one", a, 1, c],
  ["down to the end", b, 1, null],
  ["down from the end", c, 1, undefined],
  ["one that is not in line any more", newId("prompt"), 1, undefined],
] as const)("a step %s", (...[, id, by, before]) => {
  expect(beforeOfStep(ids, id, by)).toBe(before);
});

it.each([
  ["upwards stands before it", c, a, a],
  ["downwards stands after it", a, b, c],
  ["on the last is last", a, c, null],
  ["on itself stays", b, b, undefined],
] as const)("a prompt dropped %s", (...[, id, onto, before]) => {
  expect(beforeOfDrop(ids, id, onto)).toBe(before);
});
