import { newId } from "@background-agents/shared/ids";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { ChangedFile } from "@background-agents/shared/sessions/session";
import { describe, expect, it } from "vitest";
import { linesOfHunk, placeComments, type ShownDiff } from "./place-comments.ts";

const [before, head] = [newId("checkpoint"), newId("checkpoint")];
const file = ChangedFile.parse({ path: "a.ts", status: "modified", additions: 1, deletions: 1, binary: false });
const renamed = ChangedFile.parse({ ...file, path: "b.ts", oldPath: "a.ts", status: "renamed" });
const HUNK = "@@ -7,3 +7,4 @@\n context\n-old\n+new\n+newer\n context";

function comment(over: Partial<ReviewComment>, anchor: Partial<ReviewComment["anchor"]> = {}): ReviewComment {
  return {
    id: newId("comment"),
    sessionId: newId("session"),
    text: "why?",
    status: "sent",
    anchor: { path: "a.ts", side: "new", lines: { start: 4, end: 5 }, at: before, quote: "", ...anchor },
    current: null,
    promptId: null,
    outcome: null,
    createdAt: new Date(0).toISOString(),
    sentAt: null,
    closedAt: null,
    ...over,
  };
}

const shown = (over: Partial<ShownDiff> = {}): ShownDiff => ({
  file,
  scope: { from: "base", to: head },
  reachesNow: true,
  head,
  ...over,
});
const place = (given: ReviewComment, over?: Partial<ShownDiff>) =>
  placeComments([given], shown(over)).map(({ side, lines }) => ({ side, lines }))[0];

describe("a comment", () => {
  it("stands where it was made, where that moment is in view", () => {
    const lines = { start: 4, end: 5 };
    const step = { scope: { from: "base", to: before } as const, reachesNow: false };
    expect(place(comment({}), step)).toEqual({ side: "new", lines });
    expect(place(comment({}, { side: "old", at: "base" }))).toEqual({ side: "old", lines });
    expect(place(comment({}, { side: "old", at: "base" }), { file: renamed })).toEqual({ side: "old", lines });
  });

  it("has moved with its lines to where the work stands now", () => {
    const current = { path: "b.ts", lines: { start: 14, end: 15 } };
    expect(place(comment({ current }), { file: renamed })).toEqual({ side: "new", lines: current.lines });
    expect(place(comment({ current }), { file: renamed, scope: { from: "base", to: "live" } })).toEqual({
      side: "new",
      lines: current.lines,
    });
  });

  it("stands at the hunk that addressed it, as long as that is the newest", () => {
    const outcome = { checkpointId: head, promptId: null, hunk: HUNK, answer: null };
    const addressed = comment({ status: "addressed", outcome });
    expect(place(addressed)).toEqual({ side: "new", lines: { start: 8, end: 9 } });
    expect(place(addressed, { head: newId("checkpoint") })).toEqual({ side: "new", lines: null });
  });

  it("stands above the lines where those it was made on are gone", () => {
    expect(place(comment({}))).toEqual({ side: "new", lines: null });
    expect(place(comment({}), { file: { ...file, status: "deleted" } })).toEqual({ side: "old", lines: null });
  });

  it("is left out of other files and of steps before and after", () => {
    expect(place(comment({}), { file: { ...file, path: "c.ts" } })).toBeUndefined();
    expect(place(comment({}), { reachesNow: false })).toBeUndefined();
  });
});

describe("the changed lines of a hunk", () => {
  it.each([
    [HUNK, { start: 8, end: 9 }],
    ["@@ -1,2 +1 @@\n-gone\n kept", null],
    ["@@ -0,0 +1 @@\n+all", { start: 1, end: 1 }],
    ["no hunk", null],
  ])("%j", (hunk, lines) => expect(linesOfHunk(hunk)).toEqual(lines));
});
