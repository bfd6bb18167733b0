import { expect, it } from "vitest";
import { moveUp, readRules } from "./rule-fields.tsx";

it("changes the order of rules one step at a time", () => {
  expect(moveUp(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
  expect(moveUp(["a", "b"], 0)).toEqual(["a", "b"]);
});

it("stores no rule that says nothing", () => {
  const rule = { tool: "bash", action: "allow" } as const;
  expect(readRules([{ ...rule, pattern: " npm test * " }])).toEqual({ value: [{ ...rule, pattern: "npm test *" }] });
  expect(
    readRules([
      { ...rule, pattern: "x" },
      { ...rule, pattern: "  " },
    ]),
  ).toEqual({
    problem: expect.stringMatching(/^Rule 2:/),
  });
});
