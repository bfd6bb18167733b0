import { expect, it } from "vitest";
import { estimateUsage } from "./estimate-usage.ts";

const NOTHING_CACHED = { cacheReadTokens: 0, cacheWriteTokens: 0 };

it("takes what was told of, and the rest by size", () => {
  const seen = { requestBytes: 4000, answerBytes: 4000, contextTokens: 100_000 };
  expect(estimateUsage(undefined, seen)).toEqual({ inputTokens: 1000, outputTokens: 100, ...NOTHING_CACHED });
  const told = { inputTokens: 7, outputTokens: 1, cacheReadTokens: 5, cacheWriteTokens: 3 };
  expect(estimateUsage(told, seen)).toEqual({ ...told, outputTokens: 100 });
  expect(estimateUsage({ ...told, outputTokens: 500 }, seen).outputTokens).toBe(500);
});

it("takes a question for no larger than the model's context: pictures weigh more than they cost", () => {
  const seen = { requestBytes: 40_000_000, answerBytes: 0, contextTokens: 100_000 };
  expect(estimateUsage(undefined, seen).inputTokens).toBe(100_000);
});
