import { describe, expect, it } from "vitest";
import { type AskedCall, type CallEnd, mostUsage, usageOf } from "./estimate-usage.ts";

const NOTHING_CACHED = { cacheReadTokens: 0, cacheWriteTokens: 0 };

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
  expect(mostUsage(unpriced, { call, asked, requestBytes: 4000, keepsForAnHour: false })).toEqual({
    tokens: 1000 + outputTokens,
    usd: 0,
  });
});

it("reserves the question at the dearer of its prices: it may all be written to the cache", () => {
  const asked: AskedCall = {
    ...{ call: "messages", asked: { max_tokens: 1000 }, requestBytes: 400_000, keepsForAnHour: false },
  };
  expect(mostUsage(MODEL, asked).usd).toBeCloseTo(0.25 + 0.01);
  expect(mostUsage(MODEL, { ...asked, keepsForAnHour: true }).usd).toBeCloseTo(0.4 + 0.01);
  const cheap = { ...MODEL, pricing: { ...MODEL.pricing, cacheWriteUsd: 0 } };
  expect(mostUsage(cheap, asked).usd).toBeCloseTo(0.2 + 0.01);
  const longContext = { overTokens: 50_000, inputUsd: 4, outputUsd: 20, cacheReadUsd: 0.4, cacheWriteUsd: 5 };
  expect(mostUsage({ ...MODEL, pricing: { ...MODEL.pricing, longContext } }, asked).usd).toBeCloseTo(0.5 + 0.02);
});

it("reserves no question larger than the model's context", () => {
  const asked: AskedCall = {
    ...{ call: "messages", asked: { max_tokens: 1 }, requestBytes: 40_000_000, keepsForAnHour: false },
  };
  expect(mostUsage(MODEL, asked).tokens).toBe(100_001);
});

describe("usageOf", () => {
  const STREAM: AskedCall = {
    ...{ call: "messages", asked: { stream: true, max_tokens: 8000 }, requestBytes: 4000, keepsForAnHour: false },
  };
  const PIECE: AskedCall = { ...STREAM, asked: { max_tokens: 8000 } };
  const CHAT: AskedCall = { ...STREAM, call: "chat-completions" };
  const TOLD = { inputTokens: 7, outputTokens: 1, cacheReadTokens: 5, cacheWriteTokens: 3 };
  const BY_SIZE = { inputTokens: 1000, ...NOTHING_CACHED };

  const use = (asked: AskedCall, end: Partial<CallEnd>) =>
    usageOf(MODEL, asked, {
      ...{ outcome: "sent", counted: undefined, isOver: false, answerBytes: 0, seconds: 0 },
      ...end,
    });

  it("is what the provider told, where it told it to the end", () => {
    expect(use(PIECE, { counted: TOLD, answerBytes: 4000, seconds: 10 })).toEqual(TOLD);
    const gone = { outcome: "client-gone", answerBytes: 4000, seconds: 10 } as const;
    expect(use(STREAM, { ...gone, counted: TOLD, isOver: true })).toEqual(TOLD);
  });

  it("is nothing where a stream's last word is an error", () => {
    expect(use(STREAM, { isOver: true, answerBytes: 4000 })).toBeUndefined();
  });

  it("is taken by size where a whole answer does not tell", () => {
    expect(use(CHAT, { isOver: true, answerBytes: 4000, seconds: 50 })).toEqual({ ...BY_SIZE, outputTokens: 100 });
    expect(use({ ...CHAT, asked: {} }, { answerBytes: 4000 })).toEqual({ ...BY_SIZE, outputTokens: 1000 });
    expect(use(PIECE, { answerBytes: 4_000_000 })?.outputTokens).toBe(8000);
  });

  it("is the question alone where a stream did not even begin, however long that took", () => {
    expect(use(STREAM, { outcome: "unanswered", seconds: 900 })).toEqual({ ...BY_SIZE, outputTokens: 0 });
  });

  it.each(["client-gone", "broken"] as const)(
    "is what a stream that ended as %s told, showed or had the time to write, and no more than was asked for",
    (outcome) => {
      expect(use(STREAM, { outcome, answerBytes: 4000 })).toEqual({ ...BY_SIZE, outputTokens: 100 });
      expect(use(STREAM, { outcome, answerBytes: 4000, seconds: 20 })).toEqual({ ...BY_SIZE, outputTokens: 2000 });
      expect(use(STREAM, { outcome, seconds: 1000 })?.outputTokens).toBe(8000);
      expect(use(STREAM, { outcome, counted: TOLD, answerBytes: 4000 })).toEqual({ ...TOLD, outputTokens: 100 });
      const toldMore = { ...TOLD, outputTokens: 500 };
      expect(use(STREAM, { outcome, counted: toldMore, answerBytes: 4000 })).toEqual(toldMore);
    },
  );

  it.each(["client-gone", "broken", "unanswered"] as const)(
    "is all that was asked for where an answer in one piece ended as %s",
    (outcome) => {
      expect(use(PIECE, { outcome, seconds: 1 })).toEqual({ ...BY_SIZE, outputTokens: 8000 });
      const unlimited = { ...PIECE, asked: {} };
      expect(use(unlimited, { outcome, seconds: 1 })?.outputTokens).toBe(32_000);
    },
  );

  it("takes a question for no larger than the model's context: pictures weigh more than they cost", () => {
    const asked = { ...STREAM, requestBytes: 40_000_000 };
    expect(use(asked, { outcome: "client-gone" })?.inputTokens).toBe(100_000);
  });
});
