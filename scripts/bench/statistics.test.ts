import { describe, expect, test } from "vitest";
import { compare, median, summarize } from "./statistics.ts";

describe("median", () => {
  test.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100, 1000], 55],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("sorts by number and leaves its input as it was", () => {
    const values = [1000, 9, 10];
    expect(median(values)).toBe(10);
    expect(values).toEqual([1000, 9, 10]);
  });

  test("of nothing is an error", () => {
    expect(() => median([])).toThrow(/median of nothing/);
  });
});

test("a summary tells the ends and the middle", () => {
  expect(summarize([30, 10, 20, 80])).toEqual({ minMs: 10, medianMs: 25, maxMs: 80 });
});

describe("compare", () => {
  test("pairs samples by their place, so that noise which hit both cancels out", () => {
    const ratio = compare([110, 330, 2200], [100, 300, 2000]);
    expect(ratio.pairwise).toBeCloseTo(1.1);
    expect(ratio.ofMedians).toBeCloseTo(1.1);
  });

  test("tells the two ratios apart", () => {
    const ratio = compare([100, 400, 300], [100, 100, 300]);
    expect(ratio.pairwise).toBe(1);
    expect(ratio.ofMedians).toBe(3);
  });

  test("refuses lists that cannot be paired", () => {
    expect(() => compare([1, 2], [1])).toThrow(/cannot be paired/);
  });
});
