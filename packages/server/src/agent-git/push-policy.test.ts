import { describe, expect, test } from "vitest";
import { decidePullRequest, decidePush } from "./push-policy.ts";

const session = { branch: "agents/fix-1", baseBranch: "main", agentPush: "ask" as const };
const ownBranches = ["agents/fix-1", "agents/first-name", "main"];
const push = (branch: string, agentPush: "ask" | "auto" | "never" = "ask") =>
  decidePush({ ...session, agentPush }, { branch, ownBranches }, "broker");
const refused = (words: RegExp) => ({ refused: expect.stringMatching(words) as string });

describe("where the agent may push", () => {
  test.each([
    ["agents/fix-1", { ask: true }],
    ["agents/first-name", { ask: true }],
    // Although it stands in the list.
    ["main", refused(/main is the user's own.*git push origin HEAD:agents\/fix-1$/)],
    ["agents/other-2", refused(/agents\/other-2 is not one of them/)],
    ["refs/heads/agents/fix-1", refused(/not one of them/)],
    ["--force", refused(/"--force" is not one/)],
    ["", refused(/"" is not one/)],
  ])("%j", (branch, decision) => {
    expect(push(branch)).toEqual(decision);
  });
});

test.each([
  ["ask", { ask: true }],
  ["auto", { ask: false }],
  ["never", refused(/does not let this session/)],
] as const)("the session's policy %s holds for pushes and pull requests", (agentPush, decision) => {
  expect(push("agents/fix-1", agentPush)).toEqual(decision);
  expect(decidePullRequest({ agentPush }, "broker")).toEqual(decision);
});

test.each([
  ["none", /switched off on this machine \(GIT_CREDENTIALS=none\)/],
  ["mount", /GIT_CREDENTIALS=mount/],
] as const)("with GIT_CREDENTIALS=%s nothing goes by the server, whatever the session may", (credentials, words) => {
  const request = { branch: "agents/fix-1", ownBranches };
  expect(decidePush({ ...session, agentPush: "auto" }, request, credentials)).toEqual(refused(words));
  expect(decidePullRequest({ agentPush: "auto" }, credentials)).toEqual(refused(words));
});
