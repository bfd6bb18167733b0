import { describe, expect, it } from "vitest";
import { baseFromText, baseWords } from "./base-words.ts";

describe("baseFromText", () => {
  it.each([
    ["main", null],
    ["1234567", "1234567"],
    [" 0ADDB32 ", "0addb32"],
    ["a".repeat(40), "a".repeat(40)],
    ["a".repeat(41), null],
    ["abc123", null],
  ])("%s", (text, commit) => {
    expect(baseFromText(text)).toBe(commit);
  });
});

it("shortens whole commit ids only", () => {
  expect(baseWords("a".repeat(40))).toBe("a".repeat(10));
  expect(baseWords("0addb32")).toBe("0addb32");
  expect(baseWords("feature/a-long-name")).toBe("feature/a-long-name");
});
