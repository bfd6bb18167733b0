import { expect, it } from "vitest";
import { sentence } from "./sentence.ts";

it.each([
  ["working", "Working"],
  ["push it to origin", "Push it to origin"],
  ["agents/fix-tests is on origin", "agents/fix-tests is on origin"],
  ["package.json changed", "package.json changed"],
  ["starting: cloning 62 %", "Starting: cloning 62 %"],
  ["", ""],
])("%s", (words, whole) => {
  expect(sentence(words)).toBe(whole);
});
