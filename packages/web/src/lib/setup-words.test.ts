import { expect, it } from "vitest";
import { ranFor } from "./setup-words.ts";

it.each([
  [null, null],
  // It ended with its container: nobody measured it.
  [0, null],
  [4200, "4.2 s"],
])("a run of %j ms", (durationMs, words) => {
  expect(ranFor({ durationMs })).toBe(words);
});
