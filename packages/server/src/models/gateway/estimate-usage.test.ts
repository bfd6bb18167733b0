import { expect, it } from "vitest";
import { estimateUsage, mostUsage } from "./estimate-usage.ts";

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

const MODEL = {
  ...{ contextTokens: 100_000, outputTokens: 32_000 },
  pricing: { inputUsd: 2, outputUsd: 10, cacheReadUsd: 0.2, cacheWriteUsd: 2.5 },
};

it.each([
  ["messages", {}, 32_000],
  ["messages", { max_tokens: 500 }, 500],
  ["messages", { max_tokens: 500, max_output_tokens: 1, n: 9 }, 500],
  ["messages", { max_tokens: 64_000 }, 32_000],
  ["messages", { max_tokens: 0 }, 32_000],
  ["responses", { max_output_tokens: 20_000 }, 20_000],
  ["responses", { max_tokens: 1, max_output_tokens: 20_000 }, 20_000],
  ["responses", { max_tokens: 1 }, 32_000],
  ["chat-completions", { max_tokens: 1, max_completion_tokens: 900 }, 900],
  ["chat-completions", { max_tokens: 900, max_completion_tokens: 1 }, 900],
  ["chat-completions", { max_tokens: "900" }, 900],
  ["chat-completions", { max_tokens: 100, n: 8 }, 800],
  ["chat-completions", { max_tokens: 100, n: 2, best_of: 8 }, 800],
  ["chat-completions", { max_tokens: 100, n: "8" }, 800],
  ["chat-completions", { n: 3 }, 96_000],
  ["chat-completions", { max_tokens: 100, n: 0 }, 100],
  ["chat-completions", { max_tokens: 100, n: "many" }, 100],
] as const)("reserves for %s with %j an answer of %i tokens", (call, asked, outputTokens) => {
  const unpriced = { ...MODEL, pricing: null };
  expect(mostUsage(unpriced, { call, asked, requestBytes: 4000 })).toEqual({ tokens: 1000 + outputTokens, usd: 0 });
});

it("reserves the question at the dearer of its prices: it may all be written to the cache", () => {
  const asked = { call: "messages", asked: { max_tokens: 1000 }, requestBytes: 400_000 } as const;
  expect(mostUsage(MODEL, asked).usd).toBeCloseTo(0.25 + 0.01);
  const cheap = { ...MODEL, pricing: { ...MODEL.pricing, cacheWriteUsd: 0 } };
  expect(mostUsage(cheap, asked).usd).toBeCloseTo(0.2 + 0.01);
  const longContext = { overTokens: 50_000, inputUsd: 4, outputUsd: 20, cacheReadUsd: 0.4, cacheWriteUsd: 5 };
  expect(mostUsage({ ...MODEL, pricing: { ...MODEL.pricing, longContext } }, asked).usd).toBeCloseTo(0.5 + 0.02);
});

it("reserves no question larger than the model's context", () => {
  const asked = { call: "messages", asked: { max_tokens: 1 }, requestBytes: 40_000_000 } as const;
  expect(mostUsage(MODEL, asked).tokens).toBe(100_001);
});
