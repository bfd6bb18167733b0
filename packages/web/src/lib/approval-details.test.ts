import { expect, it } from "vitest";
import { readApprovalDetails } from "./approval-details.ts";

it("sorts the lines of an approval", () => {
  const details = [
    "to: git@example.org:acme/api.git",
    "commits: 2",
    "· Limit the public routes",
    "· Test: the 61st request",
    "executed: .github/workflows/ci.yml: GitHub runs it",
    "text: # Why\n\nnote: because",
    "something else",
  ];
  expect(readApprovalDetails(details)).toEqual({
    facts: [
      { name: "to", value: "git@example.org:acme/api.git" },
      { name: "commits", value: "2" },
      { name: "", value: "something else" },
    ],
    commits: ["Limit the public routes", "Test: the 61st request"],
    executed: [".github/workflows/ci.yml: GitHub runs it"],
    text: "# Why\n\nnote: because",
  });
});
