import { newId } from "@background-agents/shared/ids";
import { ChangedFile } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import { findCommentPoint } from "./comment-point.ts";

const head = newId("checkpoint");
const blob = "b".repeat(40);
const file = ChangedFile.parse({
  path: "b.ts",
  oldPath: "a.ts",
  newBlob: blob,
  status: "renamed",
  additions: 1,
  deletions: 1,
  binary: false,
});
const none = { head: null, blobs: new Map<string, string | null>() };

it("is made on the checkpoint that a side of the diff shows", () => {
  const scope = { from: "base", to: head } as const;
  expect(findCommentPoint({ file, side: "new" }, scope, none)).toEqual({ at: head, path: "b.ts" });
  expect(findCommentPoint({ file, side: "old" }, scope, none)).toEqual({ at: "base", path: "a.ts" });
});

it("can be made on a running turn's file only where that is as it was saved", () => {
  const scope = { from: "base", to: "live" } as const;
  const saved = { head, blobs: new Map([["b.ts", blob]]) };
  expect(findCommentPoint({ file, side: "new" }, scope, saved)).toEqual({ at: head, path: "b.ts" });
  expect(findCommentPoint({ file, side: "old" }, scope, saved)).toEqual({ at: "base", path: "a.ts" });
  const edited = { head, blobs: new Map([["b.ts", "c".repeat(40)]]) };
  expect(findCommentPoint({ file, side: "new" }, scope, edited)).toHaveProperty("refusal");
  expect(findCommentPoint({ file, side: "new" }, scope, none)).toHaveProperty("refusal");
});
