import { expect, it } from "vitest";
import { commitMessage } from "./commit-message.ts";

it.each([
  ["Fix  the\tbug\n\nDetails", "Fix the bug"],
  ["   ", "Work of the agent"],
  ["x".repeat(100), `${"x".repeat(71)}…`],
])("makes a subject of %j", (text, subject) => {
  expect(commitMessage(text, "ses_1")).toBe(`${subject}\n\nBackground-Agents-Session: ses_1\n`);
});
