import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import type { ModelsAnswer } from "@background-agents/shared/protocol/commands";
import type { EndpointTestAnswer } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { z } from "zod";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

/** Keys and addresses of models, set in the page: they win over `.env`, hold from the next call on and are never given back. */

const PAGE_KEY = "sk-ant-api03-CANARY-of-the-page-1234";
const OWN_KEY = "own-CANARY-key-of-an-endpoint-5678";

let server: TestServer;
let provider: Server;
let url: string;
let asked: { url: string; key: string | undefined }[];
let list: { status: number; body: string };
let turnBegun: (turn: FakeTurn) => void;

beforeEach(async () => {
  asked = [];
  list = { status: 200, body: JSON.stringify({ data: [{ id: "qwen/coder:32b" }, { id: "tiny" }] }) };
  provider = createServer((incoming: IncomingMessage, answer) => {
    incoming.resume();
    const { headers } = incoming;
    const key = headers["x-api-key"] ?? headers.authorization;
    asked.push({ url: incoming.url ?? "", key: Array.isArray(key) ? key[0] : key });
    if (incoming.method === "GET") return void answer.writeHead(list.status).end(list.body);
    const usage = { input_tokens: 3, output_tokens: 2, prompt_tokens: 3, completion_tokens: 2 };
    return void answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ usage }));
  });
  await once(provider.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  server = await startTestServer({
    env: { ANTHROPIC_API_KEY: "sk-ant-of-the-environment-9999", ANTHROPIC_BASE_URL: url },
    onTurn: async (turn) => {
      const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
      await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      turnBegun(turn);
    },
  });
});
afterEach(async () => {
  await server.close();
  provider.close();
});

const put = (id: string, body: object) => server.call("PUT", `/api/endpoints/${id}`, body);
const find = async (id: string) =>
  ((await server.call("GET", "/api/endpoints")).body as { endpoints: Endpoint[] }).endpoints.find(
    (one) => one.id === id,
  );
const models = async () => (await server.call("GET", "/api/models")).body as z.infer<typeof ModelsAnswer>;
const check = async (id: string) => (await server.call("POST", `/api/endpoints/${id}/test`)).body as EndpointTestAnswer;

async function begin(model: string) {
  const begun = new Promise<FakeTurn>((resolve) => (turnBegun = resolve));
  const repository = makeRepository(server.reposDir, "example");
  const body = { repository, model, title: "Fix it", prompt: { text: "go" } };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  return { session, turn: await begun };
}

function askModel(path: string, model: string): Promise<number> {
  const [container] = server.provider.containers.values();
  const hub = container?.order.hubDirectory ?? "";
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${readFileSync(join(hub, "token"), "utf8")}` };
    const outgoing = request(
      { socketPath: join(hub, "hub.sock"), method: "POST", path: `/llm/${path}`, headers },
      (answer) => answer.resume().on("end", () => resolve(answer.statusCode ?? 0)),
    );
    outgoing.on("error", reject);
    outgoing.end(JSON.stringify({ model, messages: [] }));
  });
}

test("a key of the page wins over .env from the next call on, is sealed, and goes away again", async () => {
  expect(await find("anthropic")).toMatchObject({
    builtIn: true,
    baseUrlSource: "environment",
    key: { set: true, source: "environment", hint: "9999" },
    variable: "ANTHROPIC_API_KEY",
  });
  await begin("anthropic/claude-sonnet-5");
  const saved = await put("anthropic", { key: PAGE_KEY });
  expect(saved).toMatchObject({ status: 200, body: { endpoint: { key: { source: "global", hint: "1234" } } } });
  expect(JSON.stringify(saved.body)).not.toContain("CANARY");
  await askModel("anthropic/v1/messages", "claude-sonnet-5");
  expect(asked.at(-1)).toEqual({ url: "/v1/messages", key: PAGE_KEY });

  for (const name of readdirSync(server.dataDir).filter((each) => statSync(join(server.dataDir, each)).isFile())) {
    expect(readFileSync(join(server.dataDir, name)).includes("CANARY")).toBe(false);
  }
  expect(statSync(join(server.dataDir, "secret.key")).mode & 0o777).toBe(0o600);

  expect((await server.call("DELETE", "/api/endpoints/anthropic")).status).toBe(204);
  await askModel("anthropic/v1/messages", "claude-sonnet-5");
  expect(asked.at(-1)?.key).toBe("sk-ant-of-the-environment-9999");
  expect(await find("anthropic")).toMatchObject({ key: { source: "environment" } });
});

test("an endpoint of one's own is offered, used by the agent, and kept while a session uses it", async () => {
  const added = await put("our-gpu", {
    ...{ name: "Our GPU", wire: "openai-chat", baseUrl: url, key: OWN_KEY },
    models: [{ id: "qwen/coder:32b", contextTokens: 40_000 }, { id: "tiny" }],
  });
  expect(added).toMatchObject({ status: 200, body: { endpoint: { builtIn: false, key: { hint: "5678" } } } });
  expect((await models()).models.find(({ id }) => id === "our-gpu/qwen/coder:32b")).toMatchObject({
    ...{ provider: "our-gpu", providerName: "Our GPU", available: true, contextTokens: 40_000, outputTokens: 16_384 },
  });

  const { session, turn } = await begin("our-gpu/qwen/coder:32b");
  expect(turn.deliver.model).toEqual({ providerID: "our-gpu", modelID: "qwen/coder:32b" });
  expect(turn.deliver.provider).toMatchObject({ npm: "@ai-sdk/openai-compatible", models: { tiny: {} } });
  expect(turn.supervisor.spec.opencodeConfig).toMatchObject({ provider: { "our-gpu": { name: "Our GPU" } } });
  expect(JSON.stringify(turn.supervisor.spec)).not.toContain("CANARY");
  expect(await askModel("our-gpu/v1/chat/completions", "qwen/coder:32b")).toBe(200);
  expect(asked.at(-1)).toEqual({ url: "/v1/chat/completions", key: `Bearer ${OWN_KEY}` });
  expect(await askModel("our-gpu/v1/chat/completions", "another")).toBe(403);

  // Changed without its key, it keeps it; models that are used stay.
  expect((await put("our-gpu", { name: "The GPU" })).status).toBe(200);
  expect(await find("our-gpu")).toMatchObject({ name: "The GPU", key: { set: true } });
  const inUse = {
    status: 409,
    body: { error: { code: "endpoint.in-use", message: expect.stringContaining("Fix it") } },
  };
  expect(await server.call("DELETE", "/api/endpoints/our-gpu")).toMatchObject(inUse);
  expect(await put("our-gpu", { models: [{ id: "tiny" }] })).toMatchObject(inUse);
  expect((await put("our-gpu", { models: [{ id: "qwen/coder:32b" }] })).status).toBe(200);

  server = await server.restart();
  expect(await find("our-gpu")).toMatchObject({ name: "The GPU", key: { set: true } });
  await server.call("PATCH", `/api/sessions/${session.id}`, { archived: true });
  expect((await server.call("POST", `/api/sessions/${session.id}/stop`)).status).toBe(202);
  expect(await server.call("DELETE", "/api/endpoints/our-gpu")).toMatchObject(inUse);
});

test("an endpoint that no session uses goes away, and its key with it", async () => {
  await put("our-gpu", { wire: "openai-chat", baseUrl: url, key: OWN_KEY, models: [{ id: "tiny" }] });
  expect((await server.call("DELETE", "/api/endpoints/our-gpu")).status).toBe(204);
  expect((await models()).models.some(({ provider: id }) => id === "our-gpu")).toBe(false);
  expect(await server.call("DELETE", "/api/endpoints/our-gpu")).toMatchObject({
    status: 404,
    body: { error: { code: "endpoint.not-found" } },
  });
});

test.each([
  ["demo", { wire: "openai-chat", baseUrl: "https://api.example.com" }, "taken"],
  ["our-gpu", { baseUrl: "https://api.example.com" }, "wire format"],
  ["our-gpu", { wire: "openai-chat", baseUrl: "http://api.example.com" }, "https://"],
  ["our-gpu", { wire: "openai-chat", baseUrl: "https://a:b@api.example.com" }, "user name"],
  ["our-gpu", { wire: "openai-chat", baseUrl: "https://api.example.com", key: "two words" }, "space"],
  ["our-gpu", { wire: "openai-chat", baseUrl: "https://a.example", models: [{ id: "x" }, { id: "x" }] }, "twice"],
  ["openai", { name: "Mine" }, "only the address and the key"],
])("an endpoint %s of %j is refused", async (...row) => {
  const [id, body, words] = row;
  expect(await put(id, body)).toMatchObject({
    status: 400,
    body: { error: { code: "endpoint.invalid", message: expect.stringContaining(words) } },
  });
});

test("a test says in words what came of it", async () => {
  await put("our-gpu", { wire: "openai-chat", baseUrl: url, key: OWN_KEY, models: [{ id: "tiny" }, { id: "gone" }] });
  expect(await check("our-gpu")).toEqual({
    ok: true,
    message: "It works: it offers 2 models. Not in its list: gone.",
    models: ["qwen/coder:32b", "tiny"],
  });
  list = { status: 401, body: OWN_KEY };
  expect(await check("our-gpu")).toMatchObject({
    ok: false,
    message: expect.stringContaining("does not take the key"),
  });
  // No list: a word of its first model.
  list = { status: 404, body: "" };
  expect(await check("our-gpu")).toMatchObject({ ok: true, message: expect.stringContaining("tiny answered") });
  expect(asked.at(-1)?.url).toBe("/v1/chat/completions");
  list = { status: 302, body: "" };
  expect(await check("our-gpu")).toMatchObject({ ok: false, message: expect.stringContaining("redirect") });
  list = { status: 200, body: "<html>" };
  expect(await check("our-gpu")).toMatchObject({
    ok: false,
    message: expect.stringContaining("not as a model provider"),
  });
  await put("our-gpu", { baseUrl: url.replace("http:", "https:") });
  expect(await check("our-gpu")).toMatchObject({ ok: false, message: expect.stringContaining("certificate") });
  await put("our-gpu", { baseUrl: "http://127.0.0.1:1" });
  expect(await check("our-gpu")).toMatchObject({ ok: false, message: expect.stringContaining("Nothing listens") });
  expect(await check("openai")).toMatchObject({ ok: false, message: expect.stringContaining("Set OPENAI_API_KEY") });
});
