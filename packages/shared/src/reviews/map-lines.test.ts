import { describe, expect, it } from "vitest";
import { mapLines, mapLinesRoughly, touches } from "./map-lines.ts";
import { hunkText, parseHunks } from "./patch-hunks.ts";

const segment = (...[oldStart, oldCount, newStart, newCount]: [number, number, number, number]) => ({
  oldStart,
  oldCount,
  newStart,
  newCount,
});

describe("parseHunks", () => {
  it("reads headers, lines and what changed in each hunk", () => {
    const patch = [
      "diff --git a/a.txt b/a.txt",
      "index 1..2 100644",
      "--- a/a.txt",
      "+++ b/a.txt",
      "@@ -1,5 +1,6 @@ function a()",
      " one",
      "-two",
      "+TWO",
      "+two and a half",
      " three",
      "+three and a half",
      " four",
      "-five",
      "@@ -20 +20,0 @@",
      "-last",
      "\\ No newline at end of file",
      "",
    ].join("\n");
    const [first, second, ...others] = parseHunks(patch);
    expect(others).toEqual([]);
    expect(first?.header).toBe("@@ -1,5 +1,6 @@ function a()");
    expect(first?.segments).toEqual([segment(2, 1, 2, 2), segment(3, 0, 5, 1), segment(5, 1, 6, 0)]);
    expect(second?.segments).toEqual([segment(20, 1, 20, 0)]);
    expect(second?.lines).toEqual(["-last", "\\ No newline at end of file"]);
  });

  it("reads a file that was made and one that was removed", () => {
    expect(parseHunks("@@ -0,0 +1,2 @@\n+a\n+b\n")[0]?.segments).toEqual([segment(0, 0, 1, 2)]);
    expect(parseHunks("@@ -1,2 +0,0 @@\n-a\n-b\n")[0]?.segments).toEqual([segment(1, 2, 0, 0)]);
  });

  it("takes lines that look like headers for what they are", () => {
    const [hunk] = parseHunks("@@ -1,2 +1,2 @@\n--- a/x\n+++ b/x\n keep\n");
    expect(hunk?.segments).toEqual([segment(1, 1, 1, 1)]);
  });

  it("says so where a hunk is cut", () => {
    const hunk = { header: "@@ -1 +1 @@", lines: Array.from({ length: 100 }, () => "+line"), segments: [] };
    expect(hunkText(hunk, 200).length).toBeLessThanOrEqual(200);
    expect(hunkText(hunk, 200)).toMatch(/cut here\.$/);
    expect(hunkText(hunk, 10_000)).not.toContain("cut here");
  });
});

describe("mapLines", () => {
  const lines = { start: 10, end: 12 };
  it.each([
    ["nothing changed", [], lines],
    ["lines inserted above", [segment(3, 0, 4, 5)], { start: 15, end: 17 }],
    ["lines inserted right above", [segment(9, 0, 10, 2)], { start: 12, end: 14 }],
    ["lines removed above", [segment(1, 4, 0, 0)], { start: 6, end: 8 }],
    ["lines replaced above", [segment(2, 1, 2, 3)], { start: 12, end: 14 }],
    ["lines inserted between them", [segment(10, 0, 11, 2)], { start: 10, end: 14 }],
    ["lines inserted right below", [segment(12, 0, 13, 2)], lines],
    ["lines changed below", [segment(13, 4, 13, 1)], lines],
    ["the first of them rewritten", [segment(10, 1, 10, 1)], null],
    ["the last of them removed", [segment(12, 3, 11, 0)], null],
    ["all of them inside a larger change", [segment(5, 20, 5, 30)], null],
    ["a change that ends right above", [segment(8, 2, 8, 1)], { start: 9, end: 11 }],
    ["several changes", [segment(1, 0, 2, 1), segment(11, 0, 13, 1), segment(30, 1, 32, 0)], { start: 11, end: 14 }],
  ])("%s", (_name, segments, expected) => {
    expect(mapLines(segments, lines)).toEqual(expected);
  });
});

describe("mapLinesRoughly", () => {
  it("gives what took the place of rewritten lines", () => {
    expect(mapLinesRoughly([segment(10, 3, 10, 5)], { start: 10, end: 12 })).toEqual({ start: 10, end: 14 });
    expect(mapLinesRoughly([segment(1, 0, 2, 4), segment(12, 1, 16, 3)], { start: 10, end: 12 })).toEqual({
      start: 14,
      end: 18,
    });
  });

  it("gives the lines around a gap where nothing took their place", () => {
    expect(mapLinesRoughly([segment(10, 3, 9, 0)], { start: 10, end: 12 })).toEqual({ start: 9, end: 10 });
    expect(mapLinesRoughly([segment(1, 5, 0, 0)], { start: 1, end: 2 })).toEqual({ start: 1, end: 1 });
  });
});

describe("touches", () => {
  const lines = { start: 10, end: 12 };
  it.each([
    ["a rewritten line", segment(11, 1, 11, 1), true],
    ["an insertion between", segment(11, 0, 12, 1), true],
    ["an insertion right above", segment(9, 0, 10, 1), true],
    ["an insertion right below", segment(12, 0, 13, 1), true],
    ["an insertion further above", segment(8, 0, 9, 1), false],
    ["an insertion further below", segment(13, 0, 14, 1), false],
    ["a change of the line above", segment(9, 1, 9, 1), false],
    ["a change of the line below", segment(13, 1, 13, 1), false],
    ["a larger change around", segment(1, 30, 1, 30), true],
  ])("%s", (_name, change, expected) => {
    expect(touches(change, lines)).toBe(expected);
  });
});
