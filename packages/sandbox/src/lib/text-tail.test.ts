import { expect, it } from "vitest";
import { markedTail, textEnds, textTail } from "./text-tail.ts";

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

it("says above a tail what is missing, also of what was dropped before", () => {
  expect(markedTail("abcdef", 6)).toBe("abcdef");
  expect(markedTail("abcdef", 4)).toBe("… 2 characters left out …\ncdef");
  expect(markedTail("cdef", 4, 20)).toBe("… 16 characters left out …\ncdef");
});
