import { expect, it } from "vitest";
import { draftOf, readAmount, readDraft } from "./budget-draft.ts";

it("reads amounts as people write them", () => {
  expect(["5", "$12.50", "150k", "2M", "1,000,000", "1.2.3", "many", "-4"].map(readAmount)).toEqual([
    5,
    12.5,
    150_000,
    2_000_000,
    1_000_000,
    null,
    null,
    null,
  ]);
});

it("never makes ten dollars of one: a comma may be a point", () => {
  expect(["0,5", "0,500", "2,5", "12,50", "1,500", "1,000.50", "1,00,0", "0,5k", "1.000.000"].map(readAmount)).toEqual([
    0.5,
    0.5,
    2.5,
    12.5,
    1500,
    1000.5,
    null,
    500,
    null,
  ]);
});

it("leaves out what has no limit, and says which field is wrong", () => {
  expect(readDraft({ usd: "5", tokens: "", minutes: " 90 " })).toEqual({ budget: { usd: 5, minutes: 90 } });
  expect(readDraft({ usd: "", tokens: "1.5", minutes: "" })).toMatchObject({
    problem: expect.stringMatching(/^Tokens:/),
  });
  expect(readDraft({ usd: "0", tokens: "", minutes: "" })).toMatchObject({ problem: expect.stringMatching(/^Money:/) });
});

it("writes a budget as it reads it", () => {
  expect(readDraft(draftOf({ usd: 5, tokens: null, minutes: 2.5 }))).toEqual({ budget: { usd: 5, minutes: 2.5 } });
});
