import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { call, KEYS, sse, textOf } from "./testing/local-gateway.ts";
import { openGateway, STREAM } from "./testing/open-gateway.ts";

const BEGIN = sse({
  type: "message_start",
  message: { usage: { input_tokens: 1000, output_tokens: 1, cache_read_input_tokens: 500 } },
});
const DELTA = sse({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hällo" } });
const END = sse({ type: "message_delta", delta: {}, usage: { output_tokens: 20 } }) + sse({ type: "message_stop" });

const answerWhole = (response: ServerResponse) => void response.writeHead(200, STREAM).end(BEGIN + DELTA + END);

describe("what goes to the provider", () => {
  it("carries the real key and no credential of the client", async () => {
    const gateway = await openGateway({ script: answerWhole });
    const headers = {
      "x-api-key": "theirs-1",
      authorization: "Bearer theirs-2",
      cookie: "theirs-3",
      "proxy-authorization": "theirs-4",
      "openai-organization": "theirs-5",
      "x-forwarded-for": "theirs-6",
      "anthropic-beta": "kept",
    };
    await textOf(await call(gateway.port, { headers }));
    await textOf(await call(gateway.port, { headers, path: "openai/v1/responses", body: { model: "gpt-6-sol" } }));
    const [anthropic, openai] = gateway.received;
    expect(anthropic?.url).toBe("/v1/messages");
    expect(anthropic?.headers).toMatchObject({ "x-api-key": KEYS.anthropic, "anthropic-beta": "kept" });
    expect(openai?.headers.authorization).toBe(`Bearer ${KEYS.openai}`);
    expect(JSON.stringify(gateway.received)).not.toContain("theirs");
    expect(JSON.stringify(anthropic?.headers)).not.toContain(KEYS.openai);
  });

  it("is the model that was checked, also when the body names two", async () => {
    const gateway = await openGateway({ script: answerWhole });
    await textOf(await call(gateway.port, { body: '{"model":"evil","model":"claude-sonnet-5","n":1.50}' }));
    expect(gateway.received[0]?.body).toBe('{"model":"claude-sonnet-5","n":1.5}');
    const refused = await call(gateway.port, { body: '{"model":"claude-sonnet-5","model":"evil"}' });
    expect(refused.statusCode).toBe(403);
    expect(gateway.received).toHaveLength(1);
  });

  it.each([
    ["an unknown model", { body: { model: "claude-0" } }, 403, "is not in the catalogue"],
    ["no model", { body: {} }, 403, "is not in the catalogue"],
    ["a model of another provider", { body: { model: "gpt-6-sol" } }, 403, "is not in the catalogue"],
    ["another path", { path: "anthropic/v1/files" }, 403, "does not offer"],
    ["another method", { method: "DELETE" }, 403, "does not offer"],
    ["broken JSON", { body: "{" }, 400, "not a JSON object"],
    ["an array", { body: "[]" }, 400, "not a JSON object"],
    ["a large body", { body: { model: "claude-sonnet-5", text: "x".repeat(2000) } }, 413, "larger than 1000 bytes"],
    [
      "a compressed body",
      { headers: { "content-encoding": "gzip" }, body: gzipSync("{}").toString("latin1") },
      415,
      "compressed",
    ],
  ])("is nothing for %s", async (...row) => {
    const [, request, status, message] = row;
    const gateway = await openGateway({ bodyLimitBytes: 1000 });
    const answer = await call(gateway.port, request);
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(await textOf(answer))).toMatchObject({
      type: "error",
      error: { message: expect.stringContaining(message) },
    });
    expect(gateway.received).toEqual([]);
  });

  it("is nothing without a key, and the error says which to set, in the provider's own shape", async () => {
    const gateway = await openGateway({ keys: {} });
    const anthropic = await call(gateway.port);
    expect(anthropic.statusCode).toBe(401);
    expect(JSON.parse(await textOf(anthropic)).error).toMatchObject({
      type: "authentication_error",
      message: expect.stringContaining("Set ANTHROPIC_API_KEY"),
    });
    const openai = await call(gateway.port, { path: "openai/v1/responses", body: { model: "gpt-6-sol" } });
    expect(JSON.parse(await textOf(openai)).error).toMatchObject({
      code: "authentication_error",
      param: null,
      message: expect.stringContaining("Set OPENAI_API_KEY"),
    });
    expect(gateway.received).toEqual([]);
  });
});

describe("what comes back", () => {
  it("is the provider's bytes, each as soon as it was written", async () => {
    let provider: ServerResponse | undefined;
    const gateway = await openGateway({
      script: (response) => {
        provider = response.writeHead(200, { ...STREAM, "set-cookie": "a=b", "request-id": "req_1" });
        response.write(BEGIN);
      },
    });
    const answer = await call(gateway.port);
    expect(answer.headers).toMatchObject({ "content-type": "text/event-stream", "request-id": "req_1" });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    const reader = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    expect(String((await reader.next()).value)).toBe(BEGIN);
    provider?.write(DELTA);
    expect(String((await reader.next()).value)).toBe(DELTA);
    provider?.end(END);
    expect(String((await reader.next()).value)).toBe(END);
    expect((await reader.next()).done).toBe(true);
  });

  it("tells tokens and cost, once for each call", async () => {
    const gateway = await openGateway({ script: answerWhole });
    await textOf(await call(gateway.port));
    expect(gateway.usage).toEqual([
      {
        sessionId: gateway.sessionId,
        model: "anthropic/claude-sonnet-5",
        inputTokens: 1000,
        outputTokens: 20,
        cacheReadTokens: 500,
        cacheWriteTokens: 0,
        costUsd: (1000 * 2 + 20 * 10 + 500 * 0.2) / 1e6,
      },
    ]);
  });

  it("costs more where the provider keeps the question for an hour", async () => {
    const usage = { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_1h_input_tokens: 1000 } };
    const gateway = await openGateway({
      script: (response) =>
        void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ usage })),
    });
    await textOf(await call(gateway.port));
    expect(gateway.usage).toMatchObject([{ cacheWriteTokens: 1000, costUsd: (1000 * 2 * 2) / 1e6 }]);
    expect(gateway.usage[0]).not.toHaveProperty("hourCacheTokens");
  });

  it("is a rate limit as it came, with Retry-After and asked for once", async () => {
    const body = JSON.stringify({ type: "error", error: { type: "rate_limit_error", message: "slow down" } });
    const gateway = await openGateway({
      script: (response) => void response.writeHead(429, { "retry-after": "7" }).end(body),
    });
    const answer = await call(gateway.port);
    expect([answer.statusCode, answer.headers["retry-after"], await textOf(answer)]).toEqual([429, "7", body]);
    expect(gateway.received).toHaveLength(1);
    expect(gateway.usage).toEqual([]);
  });

  it("never holds the key, though the provider quotes it in an error", async () => {
    const gateway = await openGateway({
      script: (response, request) => {
        response.writeHead(401, { "x-echo": String(request.headers["x-api-key"]) });
        response.end(
          JSON.stringify({ type: "error", error: { message: `wrong key ${String(request.headers["x-api-key"])}` } }),
        );
      },
    });
    const answer = await call(gateway.port);
    const all = JSON.stringify(answer.headers) + (await textOf(answer));
    expect(all).not.toContain(KEYS.anthropic);
    expect(all).toContain("wrong key [redacted]");
  });

  it("is an error where the provider redirects: the key goes nowhere else", async () => {
    const other = await openGateway({ script: answerWhole });
    const gateway = await openGateway({
      script: (response) => void response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end(),
    });
    const answer = await call(gateway.port);
    expect(answer.statusCode).toBe(502);
    expect(await textOf(answer)).toContain("redirect");
    expect(other.responses).toEqual([]);
  });

  it("is a 502 where the provider cannot be reached", async () => {
    const gateway = await openGateway({});
    gateway.provider.close();
    await once(gateway.provider, "close");
    const answer = await call(gateway.port);
    expect(answer.statusCode).toBe(502);
    expect(await textOf(answer)).toContain("cannot be reached");
    expect(gateway.usage).toEqual([]);
  });
});

describe("when a stream breaks", () => {
  it("destroys the client's socket when the provider dies", async () => {
    const gateway = await openGateway({
      script: (response) => void response.writeHead(200, STREAM).write(BEGIN + DELTA, () => response.destroy()),
    });
    await expect(textOf(await call(gateway.port))).rejects.toThrow("aborted");
    expect(gateway.usage).toMatchObject([{ inputTokens: 1000, cacheReadTokens: 500 }]);
  });

  it("does the same when the stream stops cleanly before its last event", async () => {
    const gateway = await openGateway({
      script: (response) => void response.writeHead(200, STREAM).end(BEGIN + DELTA),
    });
    await expect(textOf(await call(gateway.port))).rejects.toThrow("aborted");
  });

  it("hangs up on the provider when the client is gone", async () => {
    let providerClosed: Promise<unknown> | undefined;
    const gateway = await openGateway({
      script: (response) => {
        providerClosed = once(response, "close");
        response.writeHead(200, STREAM).write(BEGIN);
      },
    });
    const answer = await call(gateway.port);
    await once(answer, "readable");
    answer.destroy();
    await providerClosed;
  });

  it("reads from the provider no faster than the client reads", async () => {
    const total = 48 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, "x");
    let written = 0;
    const gateway = await openGateway({
      script: async (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) await once(response, "drain");
        }
        response.end();
      },
    });
    const answer = await call(gateway.port);
    // Nobody reads. Wait until the provider gets no further either.
    for (let last = -1, still = 0; still < 300 && written < total; last = written) {
      still = written === last ? still + 1 : 0;
      await nextTurn();
    }
    const buffered = gateway.responses[0]?.writableLength ?? Infinity;
    expect(buffered).toBeLessThan(1024 * 1024);
    let size = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) size += piece.length;
    expect(size).toBe(total);
  });
});
