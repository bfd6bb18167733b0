import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { expect, it } from "vitest";
import { groupOf, isOutdated, linesWords, moveLines, statusWords } from "./comment-words.ts";

const comment = (status: ReviewComment["status"], hunk: string | null = null) =>
  ({ status, outcome: { checkpointId: null, promptId: null, hunk, answer: null } }) as ReviewComment;

it.each([
  ["draft", "draft", "draft"],
  ["sent", "open", "open"],
  ["addressed", "closed", "addressed in turn 2"],
  ["answered", "closed", "answered in turn 2"],
  ["resolved", "closed", "resolved"],
] as const)("a comment that is %s is %s: %s", (status, group, words) => {
  expect(groupOf(comment(status))).toBe(group);
  expect(statusWords(comment(status), "turn 2")).toBe(words);
});

it.each([
  ["next", "draft", "taken back"],
  ["again", "open", "open"],
] as const)("a comment that was sent and can be sent (%s) is %s: %s", (sendable, group, words) => {
  expect(groupOf({ ...comment("sent"), sendable })).toBe(group);
  expect(statusWords({ ...comment("sent"), sendable }, null)).toBe(words);
});

it("says what a resolved comment was before", () => {
  expect(statusWords(comment("resolved", "@@ -1 +1 @@"), null)).toBe("resolved, was addressed");
});

it.each([
  [{ start: 4, end: 4 }, "line 4"],
  [{ start: 4, end: 9 }, "lines 4–9"],
])("%o is %s", (lines, words) => expect(linesWords(lines)).toBe(words));

it("is outdated where the lines it was made on are gone, and nothing tells what became of them", () => {
  const of = (side: "old" | "new", over: Partial<ReviewComment>) =>
    isOutdated({ ...comment("sent"), anchor: { side }, current: null, ...over } as ReviewComment);
  expect(of("new", {})).toBe(true);
  expect(of("old", {})).toBe(false);
  expect(of("new", { status: "draft" })).toBe(false);
  expect(of("new", { current: { path: "a", lines: { start: 1, end: 1 } } })).toBe(false);
  expect(of("new", comment("addressed", "@@ -1 +1 @@"))).toBe(false);
});

it.each([
  { by: 1, extend: false, moved: { start: 6, end: 6 } },
  { by: -1, extend: false, moved: { start: 4, end: 4 } },
  { by: 1, extend: true, moved: { start: 2, end: 6 } },
  { by: -1, extend: true, moved: { start: 1, end: 5 } },
] as const)("lines 2 to 5 move $by (reaching further: $extend)", ({ by, extend, moved }) => {
  expect(moveLines({ start: 2, end: 5 }, by, extend)).toEqual(moved);
  expect(moveLines({ start: 1, end: 1 }, -1, extend)).toBeNull();
});
