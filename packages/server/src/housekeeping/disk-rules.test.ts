import { newId } from "@background-agents/shared/ids";
import { expect, test } from "vitest";
import { describeScarcity, FLOOR, judgeUse, mustMeasure, pickLargestGrowth } from "./disk-rules.ts";

const GIB = 2 ** 30;

test.each([
  [undefined, GIB, "fine"],
  [{ bytes: 9 * GIB, inodes: 1 }, null, "fine"],
  [{ bytes: 0.79 * GIB, inodes: 1 }, GIB, "fine"],
  [{ bytes: 0.8 * GIB, inodes: 1 }, GIB, "near"],
  [{ bytes: GIB - 1, inodes: 1 }, GIB, "near"],
  [{ bytes: GIB, inodes: 1 }, GIB, "over"],
  // 131,072 files to the GiB.
  [{ bytes: 0, inodes: 110_000 }, GIB, "near"],
  [{ bytes: 0, inodes: 131_072 }, GIB, "over"],
])("%j of %j is %s", (use, limit, kind) => {
  expect(judgeUse(use, limit).kind).toBe(kind);
});

test("says how much of what, and what to do", () => {
  const over = judgeUse({ bytes: 2 * GIB, inodes: 1 }, GIB);
  expect(over).toMatchObject({
    message: expect.stringMatching(/2\.0 GiB.*share is 1\.0 GiB.*settings.*Nothing is deleted/),
  });
  expect(judgeUse({ bytes: 0, inodes: 200_000 }, GIB)).toMatchObject({
    message: expect.stringContaining("200,000 files"),
  });
});

const plenty = { bytes: 100 * GIB, inodes: 1_000_000 };
const last = { atMs: 0, free: plenty };
test.each([
  ["nothing happened for a minute", { nowMs: 60_000, free: plenty, last }, true],
  ["nothing happened", { nowMs: 59_999, free: plenty, last }, false],
  ["much was written", { nowMs: 5000, free: { ...plenty, bytes: 99.7 * GIB }, last }, true],
  ["much was written a moment ago", { nowMs: 4999, free: { ...plenty, bytes: 90 * GIB }, last }, false],
  ["many files were made", { nowMs: 5000, free: { ...plenty, inodes: 940_000 }, last }, true],
  [
    "there is little left",
    { nowMs: 5000, free: { bytes: GIB - 1, inodes: 1e6 }, last: { atMs: 0, free: { bytes: GIB, inodes: 1e6 } } },
    true,
  ],
  ["nobody tells, 30 s", { nowMs: 30_000, free: undefined, last: { atMs: 0, free: undefined } }, true],
  ["nobody tells, 29 s", { nowMs: 29_999, free: undefined, last: { atMs: 0, free: undefined } }, false],
])("counts when %s: %#", (_name, state, due) => {
  expect(mustMeasure(state)).toBe(due);
});

test("below the floor it says of what", () => {
  expect(describeScarcity(FLOOR)).toBeUndefined();
  expect(describeScarcity({ ...FLOOR, bytes: FLOOR.bytes - 1 })).toContain("GiB are free");
  expect(describeScarcity({ ...FLOOR, inodes: 10 })).toContain("10 more files");
});

test("the one that grew most is the one, not the largest; who did not grow is not blamed", () => {
  const [large, growing] = [newId("session"), newId("session")];
  const before = new Map([
    [large, { bytes: 50 * GIB, inodes: 1000 }],
    [growing, { bytes: GIB, inodes: 1000 }],
  ]);
  const grown = new Map([...before, [growing, { bytes: 2 * GIB, inodes: 1000 }]]);
  const files = new Map([...before, [growing, { bytes: GIB, inodes: 500_000 }]]);
  expect(pickLargestGrowth(before, grown)).toBe(growing);
  expect(pickLargestGrowth(before, files)).toBe(growing);
  expect(pickLargestGrowth(before, before)).toBeUndefined();
});
