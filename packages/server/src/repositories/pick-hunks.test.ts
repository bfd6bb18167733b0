import { expect, it } from "vitest";
import { pickHunks } from "./pick-hunks.ts";

const PATCH = [
  "diff --git a/old name b/b/x.ts",
  "old mode 100644",
  "new mode 100755",
  "similarity index 90%",
  "rename from old name",
  "rename to b/x.ts",
  "--- a/old name",
  "+++ b/b/x.ts",
  "@@ -1,2 +1,2 @@ function one() {",
  "-a",
  "+@@ -9,9 +9,9 @@",
  " b",
  "@@ -10 +10,2 @@",
  " c",
  "+d",
  "\\ No newline at end of file",
  "",
].join("\n");

it("keeps the named hunks, under the present name and without a change of mode", () => {
  expect(pickHunks(PATCH, ["@@ -10 +10,2 @@ whatever follows"])).toEqual({
    patch: "--- a/b/x.ts\n+++ b/b/x.ts\n@@ -10 +10,2 @@\n c\n+d\n\\ No newline at end of file\n",
  });
  const all = pickHunks(PATCH, ["@@ -1,2 +1,2 @@", "@@ -10 +10,2 @@"]);
  expect("patch" in all && all.patch.match(/^@@/gm)).toHaveLength(2);
});

it.each(["@@ -9,9 +9,9 @@", "@@ -1,2 +1,3 @@", "no header"])("misses %s", (header) => {
  expect(pickHunks(PATCH, [header])).toEqual({ missing: header });
});

it("keeps a quoted name quoted", () => {
  const patch = '--- "a/t\\tab"\n+++ "b/t\\tab"\n@@ -1 +1 @@\n-a\n+b\n';
  expect(pickHunks(patch, ["@@ -1 +1 @@"])).toEqual({ patch: '--- "a/t\\tab"\n+++ "b/t\\tab"\n@@ -1 +1 @@\n-a\n+b\n' });
});
