import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { describe, expect, it } from "vitest";
import { ask, call, sse, textOf } from "./testing/local-gateway.ts";
import { openGateway, STREAM } from "./testing/open-gateway.ts";

const WHOLE =
  sse({ type: "message_start", message: { usage: { input_tokens: 1000, output_tokens: 1 } } }) +
  sse({ type: "message_stop" });

const answerWhole = (response: ServerResponse) => void response.writeHead(200, STREAM).end(WHOLE);

const OUR_GPU: Endpoint = {
  ...{ id: "our-gpu", name: "Our GPU", builtIn: false, wire: "openai-chat", baseUrlSource: "global", variable: null },
  baseUrl: "/api/v4",
  key: { set: false, source: null, hint: null },
  models: [
    {
      ...{ id: "qwen/coder:32b", contextTokens: 40_000, outputTokens: 8000 },
      pricing: { inputUsd: 1, outputUsd: 4, cacheReadUsd: 0, cacheWriteUsd: 0 },
    },
  ],
};
const CHAT = { path: "our-gpu/v1/chat/completions", body: { model: "qwen/coder:32b", stream: true, messages: [] } };

describe("an endpoint that the user added", () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 200 } };

  it("gets its own calls alone, at its address and without any other key; it has its tokens told", async () => {
    const gateway = await openGateway({
      added: [OUR_GPU],
      script: (response) =>
        void response.writeHead(200, STREAM).end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`),
    });
    await textOf(await call(gateway.port, CHAT));
    const [asked] = gateway.received;
    expect(asked?.url).toBe("/api/v4/chat/completions");
    expect(JSON.parse(asked?.body ?? "")).toMatchObject({ stream_options: { include_usage: true } });
    expect(asked?.headers).not.toHaveProperty("authorization");
    expect(JSON.stringify(asked?.headers)).not.toContain("CANARY");
    expect(gateway.usage).toMatchObject([
      { model: "our-gpu/qwen/coder:32b", inputTokens: 800, cacheReadTokens: 200, outputTokens: 10, costUsd: 0.00084 },
    ]);
    const other = await call(gateway.port, { ...CHAT, body: { model: "another" } });
    expect(other.statusCode).toBe(403);
    const wire = await call(gateway.port, { ...CHAT, path: "our-gpu/v1/messages" });
    expect(wire.statusCode).toBe(403);
    expect(gateway.received).toHaveLength(1);
  });

  it("gets its own key, and what it does not count is taken by size", async () => {
    const gateway = await openGateway({
      ...{ added: [OUR_GPU], addedKey: "own-CANARY-key" },
      script: (response) => void response.writeHead(200, STREAM).end(`data: ${"x".repeat(4000)}\n\n`),
    });
    await textOf(await call(gateway.port, CHAT));
    expect(gateway.received[0]?.headers.authorization).toBe("Bearer own-CANARY-key");
    expect(gateway.usage).toMatchObject([{ outputTokens: Math.ceil(4008 / 40) }]);
  });
});

describe("a budget", () => {
  it("that is used up keeps the call from being made, in a way that is not tried again", async () => {
    const gateway = await openGateway({
      script: answerWhole,
      checkBudget: () => "The budget is used up: $5.00 of $5.00.",
    });
    const answer = await call(gateway.port);
    expect(answer.statusCode).toBe(402);
    expect(JSON.parse(await textOf(answer)).error).toEqual({
      type: "billing_error",
      message: "The budget is used up: $5.00 of $5.00.",
    });
    expect((await call(gateway.port, { path: "demo/v1/messages", body: { model: "scripted" } })).statusCode).toBe(402);
    expect(gateway.received).toEqual([]);
  });

  it("is not outrun by hanging up before the tokens are told", async () => {
    let begun: () => void = () => undefined;
    const streaming = new Promise<void>((resolve) => (begun = resolve));
    const gateway = await openGateway({
      script: (response) => void response.writeHead(200, STREAM).write(`data: ${"x".repeat(40_000)}\n\n`, begun),
    });
    const body = { model: "gpt-6-sol", stream: true, input: "y".repeat(4000) };
    const answer = await call(gateway.port, { path: "openai/v1/responses", body });
    await streaming;
    for (let size = 0; size < 40_000;) {
      await once(answer, "readable");
      for (let piece = answer.read() as Buffer | null; piece; piece = answer.read() as Buffer | null)
        size += piece.length;
    }
    answer.destroy();
    await gateway.untilUsed(1);
    const [used] = gateway.usage;
    expect(used?.inputTokens).toBeGreaterThan(1000);
    expect(used?.outputTokens).toBeGreaterThan(1000);
  });

  it.each([
    ["all that was asked for where the answer comes in one piece", { max_tokens: 9000 }, 9000],
    ["what can have been thought by then where it is a stream", { max_tokens: 9000, stream: true }, 300],
  ])("is not outrun by hanging up before the answer begins: it costs %s", async (...row) => {
    const [, asked, outputTokens] = row;
    const clock = { ms: 0 };
    const hung: { up: () => void } = { up: () => undefined };
    const gateway = await openGateway({
      readElapsed: () => clock.ms,
      script: () => {
        clock.ms = 3000;
        hung.up();
      },
    });
    const body = { model: "claude-sonnet-5", ...asked, messages: [{ role: "user", content: "x".repeat(40_000) }] };
    const request = ask(gateway.port, { body }).on("error", () => undefined);
    hung.up = () => request.destroy();
    await gateway.untilUsed(1);
    expect(gateway.usage).toMatchObject([{ model: "anthropic/claude-sonnet-5", outputTokens }]);
    expect(gateway.usage[0]?.inputTokens).toBeGreaterThan(10_000);
  });

  it("is charged for a question that the provider took and did not answer", async () => {
    const gateway = await openGateway({ script: (response) => void response.destroy() });
    const body = { model: "claude-sonnet-5", max_tokens: 500 };
    const answer = await call(gateway.port, { body });
    expect([answer.statusCode, await textOf(answer)]).toEqual([502, expect.stringContaining("did not answer")]);
    expect(gateway.usage).toMatchObject([{ outputTokens: 500 }]);
  });

  it("is charged for the question alone where it was to be a stream and the provider ended it before it began", async () => {
    const clock = { ms: 0 };
    const gateway = await openGateway({
      readElapsed: () => clock.ms,
      script: (response) => {
        clock.ms = 60_000;
        response.destroy();
      },
    });
    const body = { model: "claude-sonnet-5", max_tokens: 9000, stream: true };
    const answer = await call(gateway.port, { body });
    expect([answer.statusCode, await textOf(answer)]).toEqual([502, expect.stringContaining("did not answer")]);
    expect(gateway.usage).toMatchObject([{ outputTokens: 0 }]);
    expect(gateway.usage[0]?.inputTokens).toBeGreaterThan(0);
  });

  it("is charged for a stream that breaks before its tokens are told", async () => {
    const gateway = await openGateway({
      script: (response) => void response.writeHead(200, STREAM).end(`data: ${"x".repeat(4000)}\n\n`),
    });
    const body = { model: "gpt-6-sol", stream: true, input: "y".repeat(4000) };
    await expect(textOf(await call(gateway.port, { path: "openai/v1/responses", body }))).rejects.toThrow("aborted");
    expect(gateway.usage[0]?.inputTokens).toBeGreaterThan(1000);
    expect(gateway.usage[0]?.outputTokens).toBeGreaterThanOrEqual(101);
  });

  it("is not outrun by asking all at once", async () => {
    const held: ServerResponse[] = [];
    let full: () => void = () => undefined;
    const allHeld = new Promise<void>((resolve) => (full = resolve));
    const gateway = await openGateway({ script: (response) => void (held.push(response) === 16 && full()) });
    const answers = Array.from({ length: 16 }, () => call(gateway.port));
    await allHeld;
    const refused = await call(gateway.port);
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "1"]);
    for (const response of held.splice(0)) answerWhole(response);
    for (const answer of answers) await textOf(await answer);
    const again = call(gateway.port);
    while (held.length === 0) await nextTurn();
    for (const response of held) answerWhole(response);
    expect((await again).statusCode).toBe(200);
  });
});
