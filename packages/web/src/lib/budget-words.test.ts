import { expect, it } from "vitest";
import { budgetUses, budgetWords, nextLimit, useLevel, useWords } from "./budget-words.ts";

it("says how much of a limit is used, its unit once", () => {
  expect(useWords({ measure: "usd", used: 5.018, limit: 5 })).toBe("$5.02 of $5.00");
  expect(useWords({ measure: "usd", used: 0.0105, limit: 0.012 })).toBe("$0.011 of $0.012");
  expect(useWords({ measure: "usd", used: 0, limit: 0.05 })).toBe("$0.00 of $0.05");
  expect(useWords({ measure: "tokens", used: 81_000, limit: 100_000 })).toBe("81k of 100k tokens");
  expect(useWords({ measure: "minutes", used: 7.26, limit: 60 })).toBe("7.3 of 60 minutes");
  expect(useWords({ measure: "minutes", used: 0.5, limit: 1 })).toBe("0.5 of 1 minute");
});

it("names only the limits there are", () => {
  expect(budgetWords({ usd: 5, tokens: null, minutes: 90 })).toBe("$5.00, 90 minutes");
  expect(budgetWords({})).toBeNull();
  expect(budgetUses({ tokens: 10 }, { usd: 3, tokens: 4, minutes: 5 })).toEqual([
    { measure: "tokens", used: 4, limit: 10 },
  ]);
});

it("warns from 80 % and stops at 100 %", () => {
  expect([7.9, 8, 9.99, 10].map((used) => useLevel({ used, limit: 10 }))).toEqual(["fine", "near", "near", "reached"]);
});

it.each([
  [{ measure: "usd", used: 5.02, limit: 5 }, 10],
  [{ measure: "usd", used: 13, limit: 5 }, 17],
  [{ measure: "usd", used: 0.31, limit: 0.3 }, 0.6],
  [{ measure: "tokens", used: 100_400, limit: 100_000 }, 200_000],
  [{ measure: "minutes", used: 60, limit: 45 }, 90],
] as const)("offers a next limit in round figures: %o", (use, next) => {
  expect(nextLimit(use)).toBe(next);
});
