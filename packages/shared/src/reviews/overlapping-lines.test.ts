import { describe, expect, it } from "vitest";
import { collide, overlappingLines } from "./overlapping-lines.ts";

const segment = (...[oldStart, oldCount, newStart, newCount]: [number, number, number, number]) => ({
  oldStart,
  oldCount,
  newStart,
  newCount,
});

describe("collide", () => {
  it.each([
    ["the same line", segment(5, 1, 5, 1), segment(5, 1, 9, 1), true],
    ["lines that reach into each other", segment(5, 4, 5, 1), segment(8, 3, 8, 1), true],
    ["neighbouring lines", segment(5, 1, 5, 1), segment(6, 1, 6, 1), true],
    ["lines with one between them", segment(5, 1, 5, 1), segment(7, 1, 7, 1), false],
    ["two insertions at one place", segment(5, 0, 6, 1), segment(5, 0, 6, 3), true],
    ["two insertions at two places", segment(5, 0, 6, 1), segment(6, 0, 7, 1), false],
    ["an insertion right below a change", segment(5, 1, 5, 1), segment(5, 0, 6, 1), true],
    ["an insertion right above a change", segment(5, 1, 5, 1), segment(4, 0, 5, 1), true],
    ["an insertion two lines below", segment(5, 1, 5, 1), segment(6, 0, 7, 1), false],
    ["two new files", segment(0, 0, 1, 3), segment(0, 0, 1, 9), true],
  ])("%s", (...[, a, b, expected]) => {
    expect(collide(a, b)).toBe(expected);
    expect(collide(b, a)).toBe(expected);
  });
});

describe("overlappingLines", () => {
  it("gives our new lines, and none where we only removed", () => {
    const ours = [segment(2, 1, 2, 3), segment(10, 2, 12, 0), segment(20, 1, 20, 1)];
    expect(overlappingLines(ours, [segment(2, 1, 2, 1), segment(10, 1, 10, 1)])).toEqual([{ start: 2, end: 4 }]);
    expect(overlappingLines(ours, [segment(50, 1, 50, 1)])).toEqual([]);
  });
});
