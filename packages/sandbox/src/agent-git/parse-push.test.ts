import { expect, it } from "vitest";
import { parsePush } from "./parse-push.ts";

it.each([
  ["HEAD:refs/heads/agents/x", { source: "HEAD", target: "refs/heads/agents/x", branch: "agents/x" }],
  ["+refs/heads/a:refs/heads/b", { source: "refs/heads/a", target: "refs/heads/b", branch: "b" }],
  [":refs/heads/main", { target: "refs/heads/main", refused: expect.stringContaining("may not delete") }],
  ["v1:refs/tags/v1", { target: "refs/tags/v1", refused: expect.stringContaining("tags are the user's") }],
  ["a:refs/for/main", { target: "refs/for/main", refused: expect.stringContaining("is not a branch") }],
  ["a", { target: "", refused: expect.stringContaining("is not a branch") }],
])("reads %s", (refspec, order) => {
  expect(parsePush(refspec)).toEqual(order);
});
