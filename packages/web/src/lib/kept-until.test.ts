import { expect, test } from "vitest";
import { keptUntil, keptUntilWords } from "./kept-until.ts";

test("a deleted session is kept for seven days", () => {
  const deletedAt = new Date(2026, 10, 23, 14, 5).toISOString();
  expect(new Date(keptUntil(deletedAt))).toEqual(new Date(2026, 10, 30, 14, 5));
  expect(keptUntilWords(deletedAt)).toBe("30 Nov, 14:05");
});
