import { describe, expect, it } from "vitest";
import { type AnswerDraft, answersOf, EMPTY_ANSWER, pickOption, writeOwn } from "./answer-draft.ts";

const options = ["Keep", "Drop", "Rename"].map((label) => ({ label, description: "" }));
const one = { question: "What with it?", header: "Column", options };
const many = { ...one, multiple: true };
const drop: AnswerDraft = { chosen: ["Drop"], own: "" };

describe("a question with one answer", () => {
  it.each([
    ["nothing yet", EMPTY_ANSWER, []],
    ["the last option chosen counts", pickOption(one, drop, "Keep"), ["Keep"]],
    ["choosing it again keeps it", pickOption(one, drop, "Drop"), ["Drop"]],
    ["own words stand in its place", writeOwn(one, drop, " ask me in May "), ["ask me in May"]],
    ["an option stands in place of own words", pickOption(one, { chosen: [], own: "later" }, "Keep"), ["Keep"]],
    ["blank words take nothing away", writeOwn(one, drop, "  "), ["Drop"]],
  ] as const)("%s", (_name, draft, answers) => {
    expect(answersOf(one, draft)).toEqual(answers);
  });
});

describe("a question with several answers", () => {
  it.each([
    ["in the order of the options", pickOption(many, drop, "Keep"), ["Keep", "Drop"]],
    ["choosing it again takes it back", pickOption(many, drop, "Drop"), []],
    ["own words stand beside them", writeOwn(many, drop, "later"), ["Drop", "later"]],
  ] as const)("%s", (_name, draft, answers) => {
    expect(answersOf(many, draft)).toEqual(answers);
  });
});
