import { newId } from "@background-agents/shared/ids";
import { expect, test } from "vitest";
import {
  describeScarcity,
  findCulprits,
  findScarcity,
  FLOOR,
  judgeUse,
  LAST_BYTES,
  mustMeasure,
  type Loss,
} from "./disk-rules.ts";

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
  expect(findScarcity(FLOOR)).toBeUndefined();
  expect(findScarcity({ ...FLOOR, bytes: FLOOR.bytes - 1 })).toBe("bytes");
  expect(findScarcity({ ...FLOOR, inodes: 10 })).toBe("inodes");
  expect(describeScarcity("bytes", FLOOR)).toContain("1.0 GiB are free");
  expect(describeScarcity("inodes", { ...FLOOR, inodes: 10 })).toContain("10 more files");
});

const [large, growing, third] = [newId("session"), newId("session"), newId("session")];
const held = (gib: { large: number; growing: number }, files = 1000) =>
  new Map([
    [large, { bytes: gib.large * GIB, inodes: 1000 }],
    [growing, { bytes: gib.growing * GIB, inodes: files }],
  ]);
const BEFORE = held({ large: 50, growing: 1 });
/** Two run, and the disk lost five gibibytes. */
const loss = (change: Partial<Loss>): Loss => ({
  ...{
    scarce: "bytes",
    lost: 5 * GIB,
    left: 0.9 * GIB,
    before: BEFORE,
    now: BEFORE,
    written: new Map(),
    running: [large, growing],
  },
  ...change,
});

test("the one that grew most is the one, not the largest; who did not grow is not blamed", () => {
  const grew = { why: "grew", sessionId: growing };
  expect(findCulprits(loss({ now: held({ large: 50.2, growing: 5 }) }))).toEqual(grew);
  expect(findCulprits(loss({ lost: 2 ** 20, now: held({ large: 50, growing: 2 }) }))).toEqual(grew);
  expect(
    findCulprits(loss({ scarce: "inodes", lost: 499_000, now: held({ large: 50, growing: 1 }, 500_000) })),
  ).toEqual(grew);
  expect(findCulprits(loss({ lost: 2 ** 20 }))).toEqual({ why: "none" });
});

test("what shows in no file is not laid on one that grew a little, but on who wrote it", () => {
  const now = held({ large: 50.2, growing: 1 });
  const wrote = { why: "wrote", sessionId: growing };
  expect(findCulprits(loss({ now, written: new Map([[growing, 4.5 * GIB]]) }))).toEqual(wrote);
  // What one wrote to files that are there explains nothing of it.
  const busy = held({ large: 52, growing: 1 });
  const written = new Map([
    [large, 3 * GIB],
    [growing, 2.5 * GIB],
  ]);
  expect(findCulprits(loss({ now: busy, written }))).toEqual(wrote);
});

test("where nobody's writing explains it either, it could be any of them", () => {
  const now = held({ large: 50.2, growing: 1 });
  expect(findCulprits(loss({ now }))).toEqual({ why: "unknown" });
  expect(findCulprits(loss({ now, written: new Map([[large, GIB]]) }))).toEqual({ why: "unknown" });
  const manyFiles = loss({ scarce: "inodes", lost: 400_000, written: new Map([[large, 9 * GIB]]) });
  expect(findCulprits(manyFiles)).toEqual({ why: "unknown" });
});

test("where all are counted and wrote next to nothing, it is nobody of them, while the disk bears it", () => {
  const wrote = (gib: number) => new Map([large, growing].map((id) => [id, gib * GIB]));
  const now = held({ large: 50.2, growing: 1 });
  expect(findCulprits(loss({ now, written: wrote(0.3) }))).toEqual({ why: "outside" });
  // What stands in files is not hidden.
  const busy = held({ large: 51, growing: 1 });
  const written = new Map([
    [large, 1.2 * GIB],
    [growing, 0.1 * GIB],
  ]);
  expect(findCulprits(loss({ now: busy, written }))).toEqual({ why: "outside" });
  expect(findCulprits(loss({ now, written: wrote(0.5) }))).toEqual({ why: "unknown" });
  expect(findCulprits(loss({ now, written: new Map([[large, 0]]) }))).toEqual({ why: "unknown" });
  // Room can be taken without writing, and files be made so.
  expect(findCulprits(loss({ now, written: wrote(0), left: LAST_BYTES - 1 }))).toEqual({ why: "unknown" });
  expect(findCulprits(loss({ scarce: "inodes", lost: 400_000, written: wrote(0) }))).toEqual({ why: "unknown" });
});

test("what a stopped session holds is explained, and what is not explained by it remains", () => {
  const now = new Map([...BEFORE, [third, { bytes: 4.5 * GIB, inodes: 10 }]]);
  expect(findCulprits(loss({ now }))).toEqual({ why: "none" });
  expect(findCulprits(loss({ now, lost: 8 * GIB }))).toEqual({ why: "unknown" });
});
