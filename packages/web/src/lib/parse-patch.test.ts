import { describe, expect, it } from "vitest";
import { changedRange, parsePatch } from "./parse-patch.ts";

const PATCH = `Index: src/a.ts
===================================================================
--- src/a.ts
+++ src/a.ts
@@ -10,3 +10,4 @@ function a() {
 kept
-old
+new
+more
 end
\\ No newline at end of file
@@ -40 +41 @@
--- a comment that looks like a header
+++ another
`;

describe("parsePatch", () => {
  it("numbers lines on both sides", () => {
    const { hunks } = parsePatch(PATCH);
    expect(hunks[0]?.lines.map(({ kind, oldNumber, newNumber }) => [kind, oldNumber, newNumber])).toEqual([
      ["context", 10, 10],
      ["remove", 11, null],
      ["add", null, 11],
      ["add", null, 12],
      ["context", 12, 13],
    ]);
  });

  it("counts, and takes lines in a hunk for what they are", () => {
    const { additions, deletions, hunks } = parsePatch(PATCH);
    expect([additions, deletions]).toEqual([3, 2]);
    expect(hunks[1]?.lines.map(({ text }) => text)).toEqual(["-- a comment that looks like a header", "++ another"]);
  });

  it.each(["", "not a patch", "+++ only\n--- headers"])("makes nothing of %j", (text) => {
    expect(parsePatch(text)).toEqual({ hunks: [], additions: 0, deletions: 0 });
  });
});

describe("changedRange", () => {
  it.each([
    ["get(items)", "get(schema, items)", { before: [4, 4], after: [4, 12] }],
    ["const a = 1;", "const a = 2;", { before: [10, 11], after: [10, 11] }],
    ["aaa", "aa", { before: [2, 3], after: [2, 2] }],
    ["alpha", "omega beta gamma", null],
    ["", "x", null],
  ])("%j → %j", (before, after, range) => expect(changedRange(before, after)).toEqual(range));
});
