import { describe, expect, it } from "vitest";
import { findAnswers } from "./find-answers.ts";

const found = (...texts: string[]) => Object.fromEntries(findAnswers(texts));

describe("findAnswers", () => {
  it.each<[string, string, Record<number, string>]>([
    ["a plain line", "C1: It is needed for old clients.", { 1: "It is needed for old clients." }],
    ["lines after a summary", "I changed a.ts.\n\nC2: Kept, see above.", { 2: "Kept, see above." }],
    ["bold", "**C1:** Yes.\n**C2**: No.", { 1: "Yes.", 2: "No." }],
    ["list items", "- C1: Yes.\n* `C12`: No.", { 1: "Yes.", 12: "No." }],
    ["a dash", "C3 — It stays.", { 3: "It stays." }],
    ["a heading with its text below", "### C1:\nIt stays.", { 1: "It stays." }],
    ["a heading with an empty line below", "### C1:\n\nIt stays.\n\nBye.", { 1: "It stays." }],
    ["several lines of one paragraph", "C1: It stays\nbecause of X.\n\nDone.", { 1: "It stays\nbecause of X." }],
    ["nothing after the name", "C1:\n\n", {}],
    ["a name inside a sentence", "I did what C1: said.", {}],
    ["another word", "CC1: x\nC: y\nc1: z", {}],
  ])("%s", (_name, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("keeps all answers to one comment, out of several texts", () => {
    expect(found("C1: First.", "C1: Second.\nC2: Other.")).toEqual({ 1: "First.\nSecond.", 2: "Other." });
  });

  it("cuts an endless answer", () => {
    expect(findAnswers([`C1: ${"x".repeat(50_000)}`]).get(1)).toHaveLength(16_384);
  });
});
