import { describe, expect, it } from "vitest";
import { isPushBehind, publishState } from "./publish-state.ts";

const [base, one, two] = ["a", "b", "c"].map((letter) => letter.repeat(40)) as [string, string, string];

describe("publishState", () => {
  it.each([
    ["nothing yet", { lastCommit: null, publishedCommit: null, publishConflict: null }, "nothing"],
    ["a turn that changed nothing", { lastCommit: base, publishedCommit: null, publishConflict: null }, "nothing"],
    ["on its branch", { lastCommit: one, publishedCommit: one, publishConflict: null }, "published"],
    ["not yet on it", { lastCommit: two, publishedCommit: one, publishConflict: null }, "waiting"],
    ["back to the beginning", { lastCommit: base, publishedCommit: one, publishConflict: null }, "waiting"],
    ["something is in the way", { lastCommit: two, publishedCommit: one, publishConflict: "moved" }, "conflict"],
  ] as const)("%s", (_name, session, state) => {
    expect(publishState({ baseCommit: base, ...session })).toBe(state);
  });
});

describe("isPushBehind", () => {
  const push = { remote: "origin", url: "x", branch: "agents/x", commit: one, at: new Date(0).toISOString() };

  it.each([
    [null, one, false],
    [push, one, false],
    [push, two, true],
    [push, null, false],
  ])("%#", (given, lastCommit, behind) => {
    expect(isPushBehind({ push: given, lastCommit })).toBe(behind);
  });
});
