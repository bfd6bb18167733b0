import { PermissionAsked, QuestionAsked } from "@background-agents/shared/sessions/asking";
import { expect, it } from "vitest";
import { describePermission, describeQuestion } from "./describe-asked.ts";

it("keeps what fits as it is", () => {
  const questions = [{ question: "Q?", header: "H", options: [{ label: "A", description: "a" }], multiple: true }];
  expect(describeQuestion({ id: "que_1", questions })).toEqual({ questionId: "que_1", questions });
  expect(describePermission({ id: "per_1", permission: "bash", patterns: ["ls"] })).toEqual({
    permissionId: "per_1",
    permission: "bash",
    patterns: ["ls"],
  });
});

it("cuts what the server would refuse, so that the agent never waits for a question nobody saw", () => {
  const long = "x".repeat(10_000);
  const options = Array.from({ length: 60 }, () => ({ label: long, description: long }));
  const questions = Array.from({ length: 30 }, () => ({ question: long, header: long, options }));
  expect(QuestionAsked.safeParse(describeQuestion({ id: "que_1", questions })).success).toBe(true);
  const patterns = Array.from({ length: 200 }, () => long);
  expect(PermissionAsked.safeParse(describePermission({ id: "per_1", permission: long, patterns })).success).toBe(true);
});
