// @vitest-environment happy-dom
import { ChangedFile } from "@background-agents/shared/sessions/session";
import { describe, expect, it } from "vitest";
import { hunkAt, readHunks } from "./hunks.ts";
import { emptyDiff, parseDiff } from "./parse-diff.ts";

const PATCH = `diff --git a/src/a.ts b/src/a.ts
index 1111111..2222222 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,4 @@ export function a() {
 one
-two
+@@ -9,9 +9,9 @@ is only text
+three
 four
@@ -20 +21,0 @@
-last
`;

describe("a patch of one file", () => {
  it("is read into what the viewer shows and the hunks that the server knows", () => {
    const parsed = parseDiff(PATCH, "key");
    expect(parsed?.metadata).toMatchObject({
      name: "src/a.ts",
      type: "change",
      cacheKey: expect.stringContaining("key"),
    });
    expect(parsed?.hunks).toEqual([
      { header: "@@ -1,3 +1,4 @@", old: { start: 1, count: 3 }, new: { start: 1, count: 4 } },
      { header: "@@ -20 +21,0 @@", old: { start: 20, count: 1 }, new: { start: 21, count: 0 } },
    ]);
  });

  it("is nothing where it has no file", () => {
    expect(parseDiff("", "key")).toBeNull();
    expect(parseDiff("\n", "key")).toBeNull();
  });
});

describe("the hunk of a line", () => {
  const hunks = readHunks(PATCH);
  it.each([
    ["new", 1, 0],
    ["new", 4, 0],
    ["new", 5, undefined],
    ["old", 20, 1],
    ["new", 21, undefined],
  ] as const)("%s line %d is in hunk %s", (side, line, place) => {
    expect(hunkAt(hunks, side, line)).toBe(place === undefined ? undefined : hunks[place]);
  });
});

it.each([
  ["added", "new"],
  ["deleted", "deleted"],
  ["renamed", "change"],
] as const)("an empty diff of a file that was %s is %s", (status, type) => {
  const file = ChangedFile.parse({ path: "a", status, additions: 0, deletions: 0, binary: false });
  expect(emptyDiff(file)).toMatchObject({ name: "a", type, hunks: [] });
});
