import { describe, expect, it } from "vitest";
import type { GatewayCall } from "./gateway-path.ts";
import { costUsd } from "./token-usage.ts";
import { createUsageMeter, type UsageMeter } from "./usage-meter.ts";

const streamOf = (call: GatewayCall) => createUsageMeter(call, "text/event-stream; charset=utf-8");
const wholeOf = (call: GatewayCall) => createUsageMeter(call, "application/json");

function feed(meter: UsageMeter, body: string, chunkBytes = body.length || 1) {
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += chunkBytes) meter.push(bytes.subarray(at, at + chunkBytes));
  meter.end();
  return meter;
}

const event = (data: unknown, newline = "\n") => `event: x${newline}data: ${JSON.stringify(data)}${newline}${newline}`;

const ANTHROPIC = [
  {
    type: "message_start",
    message: {
      usage: { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 1 },
    },
  },
  {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: 'täuschend: "usage" {"type":"message_stop"}' },
  },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 42 } },
  { type: "message_stop" },
];
const RESPONSES = [
  { type: "response.output_text.delta", delta: 'the "usage" of "response.completed"' },
  {
    type: "response.completed",
    response: {
      usage: {
        input_tokens: 120,
        input_tokens_details: { cached_tokens: 100, cache_write_tokens: 5 },
        output_tokens: 9,
      },
    },
  },
];

describe("createUsageMeter", () => {
  it.each([1, 2, 3, 7, 64, 100_000])("counts an Anthropic stream cut into pieces of %i bytes", (size) => {
    const meter = feed(streamOf("messages"), ANTHROPIC.map((each) => event(each)).join(""), size);
    expect(meter.counts()).toEqual({ inputTokens: 10, outputTokens: 42, cacheReadTokens: 100, cacheWriteTokens: 7 });
    expect(meter.complete()).toBe(true);
  });

  it.each(["\r\n", "\r"])("reads lines that end in %j", (newline) => {
    const meter = feed(streamOf("messages"), ANTHROPIC.map((each) => event(each, newline)).join(""), 1);
    expect(meter.counts()?.outputTokens).toBe(42);
    expect(meter.complete()).toBe(true);
  });

  it("is not complete without the stream's last event, and keeps what was counted", () => {
    const meter = feed(
      streamOf("messages"),
      ANTHROPIC.slice(0, 2)
        .map((each) => event(each))
        .join(""),
    );
    expect(meter.complete()).toBe(false);
    expect(meter.counts()).toMatchObject({ inputTokens: 10, outputTokens: 1 });
  });

  it("takes an error event for an end", () => {
    expect(feed(streamOf("messages"), event({ type: "error", error: { type: "overloaded_error" } })).complete()).toBe(
      true,
    );
  });

  it("counts an OpenAI Responses stream, cached tokens apart from the input", () => {
    const meter = feed(streamOf("responses"), RESPONSES.map((each) => event(each)).join(""), 5);
    expect(meter.counts()).toEqual({ inputTokens: 15, outputTokens: 9, cacheReadTokens: 100, cacheWriteTokens: 5 });
    expect(meter.complete()).toBe(true);
    expect(feed(streamOf("responses"), event(RESPONSES[0])).complete()).toBe(false);
  });

  it("counts chat completions, streamed and whole", () => {
    const usage = { prompt_tokens: 30, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 10 } };
    const counts = { inputTokens: 20, outputTokens: 4, cacheReadTokens: 10, cacheWriteTokens: 0 };
    const streamed = feed(
      streamOf("chat-completions"),
      `${event({ choices: [], usage: null })}${event({ choices: [], usage })}data: [DONE]\n\n`,
    );
    expect(streamed.counts()).toEqual(counts);
    expect(feed(wholeOf("chat-completions"), JSON.stringify({ choices: [], usage })).counts()).toEqual(counts);
  });

  it("tells what is kept for an hour apart from the rest of the cache", () => {
    const cache_creation = { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 };
    const begin = { type: "message_start", message: { usage: { cache_creation_input_tokens: 7, cache_creation } } };
    const meter = feed(streamOf("messages"), event(begin) + event(ANTHROPIC[2]));
    expect(meter.counts()).toMatchObject({ cacheWriteTokens: 7, hourCacheTokens: 4, outputTokens: 42 });
  });

  it("counts answers in one piece", () => {
    const whole = JSON.stringify({ type: "message", usage: { input_tokens: 3, output_tokens: 2 } });
    expect(feed(wholeOf("messages"), whole, 4).counts()).toMatchObject({ inputTokens: 3, outputTokens: 2 });
  });

  it.each(["", "data: {", 'data: {"usage":"lots"}\n\n', 'data: {"usage":{"input_tokens":-5}}\n\n', "\u0000\n\n"])(
    "counts nothing in %j",
    (body) => {
      expect(feed(streamOf("messages"), body).counts()).toBeUndefined();
    },
  );
});

describe("costUsd", () => {
  const price = { inputUsd: 2, outputUsd: 10, cacheReadUsd: 0.2, cacheWriteUsd: 2.5 };
  const counts = { inputTokens: 1000, outputTokens: 100, cacheReadTokens: 10_000, cacheWriteTokens: 400 };

  it("prices each kind of token by the million", () => {
    expect(costUsd({ pricing: price }, counts)).toBeCloseTo((2000 + 1000 + 2000 + 1000) / 1e6, 12);
    expect(costUsd({ pricing: null }, counts)).toBe(0);
  });

  it("takes twice the input's price for what is kept for an hour", () => {
    const kept = { ...counts, hourCacheTokens: 100 };
    expect(costUsd({ pricing: price }, kept)).toBeCloseTo((2000 + 1000 + 2000 + 750 + 400) / 1e6, 12);
    expect(costUsd({ pricing: { ...price, cacheWriteUsd: 9 } }, kept)).toBeCloseTo((5000 + 3600) / 1e6, 12);
  });

  it("takes the long-context price when the whole input is larger than its bound", () => {
    const dear = { inputUsd: 4, outputUsd: 15, cacheReadUsd: 0.4, cacheWriteUsd: 5 };
    const at = (overTokens: number) => costUsd({ pricing: { ...price, longContext: { overTokens, ...dear } } }, counts);
    expect(at(11_400)).toBeCloseTo(6000 / 1e6, 12);
    expect(at(11_399)).toBeCloseTo((4000 + 1500 + 4000 + 2000) / 1e6, 12);
  });
});
