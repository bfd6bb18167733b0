import { expect, test, vi } from "vitest";
import { bad } from "./finding.mjs";
import { repairFindings } from "./repair-findings.mjs";

test.each([
  [false, ["harmless"]],
  [true, ["harmless", "costly"]],
])("what gives something up is done only where its check is named: %s", async (isNamed, expected) => {
  vi.spyOn(console, "log").mockReturnValue();
  const done: string[] = [];
  const repair = (words: string) => ({ words, run: async () => void done.push(words) });
  const failing = { words: "failing", run: async () => Promise.reject(new Error("no room")) };
  const findings = [
    bad("one", "look", failing),
    bad("two", "look", repair("harmless")),
    bad("three", "look", { ...repair("costly"), onlyNamed: true }),
  ];
  const answered = await repairFindings(findings, isNamed);
  expect(done).toEqual(expected);
  expect(answered.map(({ words }) => words)).toEqual(expected);
});
