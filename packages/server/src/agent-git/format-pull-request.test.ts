import { expect, test } from "vitest";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import { formatChecks, formatView } from "./format-pull-request.ts";

const pullRequest: PullRequest = {
  number: 7,
  url: "https://git.example.org/ada/example/pull/7",
  title: "Fix it",
  state: "open",
  draft: true,
  base: "main",
  head: "agents/fix-1",
  checks: [
    { name: "test", state: "passed", url: "https://ci.example.org/1" },
    { name: "lint", state: "pending", url: null },
  ],
  remarks: [
    {
      ...{ id: "review-1", author: "bob", body: "Please rename.", path: null, line: null },
      ...{ verdict: "changes-requested", url: null, createdAt: "2026-01-01T00:00:00Z" },
    },
    {
      ...{ id: "line-2", author: "bob", body: "This one.", path: "a.ts", line: 3 },
      ...{ verdict: null, url: null, createdAt: "2026-01-01T00:00:00Z" },
    },
  ],
  reviewDecision: "changes-requested",
  refreshedAt: "2026-01-01T00:00:00.000Z",
  problem: null,
};

test("to read, with what reviewers said", () => {
  const { stdout, exitCode } = formatView(pullRequest, undefined);
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")).toEqual(
    expect.arrayContaining([
      "title:\tFix it",
      "state:\tDRAFT",
      "checks:\t1 pass, 1 pending",
      "— bob (changes-requested)",
      "— bob on a.ts:3",
      "This one.",
    ]),
  );
});

test("for programs, in gh's own terms", () => {
  const fields = ["number", "state", "isDraft", "reviewDecision", "statusCheckRollup", "reviews", "comments"];
  expect(JSON.parse(formatView(pullRequest, fields).stdout)).toEqual({
    ...{ number: 7, state: "OPEN", isDraft: true, reviewDecision: "CHANGES_REQUESTED" },
    statusCheckRollup: [
      { name: "test", conclusion: "SUCCESS", status: "COMPLETED", detailsUrl: "https://ci.example.org/1" },
      { name: "lint", conclusion: "", status: "IN_PROGRESS", detailsUrl: "" },
    ],
    reviews: [expect.objectContaining({ author: { login: "bob" }, state: "CHANGES_REQUESTED" })],
    comments: [expect.objectContaining({ body: "This one.", path: "a.ts", line: 3 })],
  });
  const unknown = formatView(pullRequest, ["number", "constructor"]);
  expect(unknown).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringMatching(/"constructor".*number/) });
});

test.each([
  [[], 1],
  [[{ name: "a", state: "passed" as const, url: null }], 0],
  [pullRequest.checks, 8],
  [[...pullRequest.checks, { name: "b", state: "failed" as const, url: null }], 1],
])("checks end with gh's exit codes (%#)", (checks, exitCode) => {
  const answer = formatChecks({ ...pullRequest, checks });
  expect(answer.exitCode).toBe(exitCode);
  expect(answer.stdout.split("\n").filter(Boolean)).toHaveLength(checks.length);
});
