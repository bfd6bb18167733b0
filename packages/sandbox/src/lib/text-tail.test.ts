import { expect, it } from "vitest";
import { textEnds, textTail } from "./text-tail.ts";

it.each([
  ["short", 10, "short"],
  ["one\ntwo\nthree", 8, "three"],
  ["x".repeat(500), 3, "xxx"],
  ["ab😀", 1, ""],
])("keeps the tail of %j within %i", (text, limit, tail) => {
  expect(textTail(text, limit)).toBe(tail);
});

it("keeps both ends and says what is missing", () => {
  expect(textEnds("abcdefghij", 3)).toBe("abc\n… 4 characters left out …\nhij");
  expect(textEnds("abcdef", 3)).toBe("abcdef");
});
