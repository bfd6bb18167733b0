import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { UsageAnswer } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { SessionEventData, SessionEventType } from "@background-agents/shared/protocol/session-events";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

/** Limits of money, tokens and minutes, as the server enforces them before and after each call of a model. */

let server: TestServer;
let provider: Server;
let calls: number;
let now: Date;
let turns: FakeTurn[];
let onTurnBegun: (turn: FakeTurn) => void;

const idsOf = ({ deliver }: FakeTurn) => ({ promptId: deliver.promptId, turnId: deliver.turnId });

/** A provider whose every answer is a million tokens long: of this model, two dollars in and ten out. */
beforeEach(async () => {
  calls = 0;
  now = new Date("2026-11-23T12:00:00Z");
  turns = [];
  provider = createServer((asked, answer) => {
    asked.resume();
    if (asked.method === "POST") calls += 1;
    const usage = { input_tokens: 1_000_000, output_tokens: 200_000 };
    answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ type: "message", usage }));
  });
  await once(provider.listen(0, "127.0.0.1"), "listening");
  server = await startTestServer({
    clock: { now: () => now },
    env: {
      ANTHROPIC_API_KEY: "sk-ant-test",
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    },
    onTurn: async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      turns.push(turn);
      onTurnBegun(turn);
    },
  });
});
afterEach(async () => {
  await server.close();
  provider.close();
});

const nextTurn = () => new Promise<FakeTurn>((resolve) => (onTurnBegun = resolve));

interface Begun {
  id: string;
  path: string;
  watcher: Watcher;
  turn: FakeTurn;
  get: () => Promise<Session>;
  send: (text: string) => Promise<void>;
  /** What the agent gets for a call of the model. */
  callModel: () => Promise<{ status: number; text: string }>;
  last: <T extends SessionEventType>(type: T) => SessionEventData<T> | undefined;
}

async function begin(name: string, model = "anthropic/claude-sonnet-5"): Promise<Begun> {
  const repository = makeRepository(server.reposDir, name);
  const begun = nextTurn();
  const body = { repository, model, prompt: { text: "go" } };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  const turn = await begun;
  const path = `/api/sessions/${session.id}`;
  const watcher = await server.watch(session.id, 0);
  const container = [...server.provider.containers.values()].find(({ order }) => order.sessionId === session.id);
  const hub = container?.order.hubDirectory ?? "";
  return {
    ...{ id: session.id, path, watcher, turn },
    get: async () => ((await server.call("GET", path)).body as { session: Session }).session,
    send: async (text) => void (await server.call("POST", `${path}/prompts`, { text })),
    callModel: () => askHub(hub, model),
    last: (type) => watcher.events.findLast((event) => event.type === type)?.data as never,
  };
}

function askHub(hub: string, model: string): Promise<{ status: number; text: string }> {
  const name = model.slice(model.indexOf("/") + 1);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: join(hub, "hub.sock"),
        method: "POST",
        path: `/llm/${model.slice(0, model.indexOf("/"))}/v1/messages`,
        headers: { authorization: `Bearer ${readFileSync(join(hub, "token"), "utf8")}` },
      },
      (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(JSON.stringify({ model: name, messages: [{ role: "user", content: "hi" }] }));
  });
}

/** What the agent does when it is told to stop. */
async function obey(turn: FakeTurn): Promise<void> {
  await turn.stopped;
  await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "interrupted", durationMs: 5 });
}

const settle = async (turn: FakeTurn) =>
  turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 5 });

test("warns at 80 %, stops in good order at 100 %, holds what waits, and goes on when raised", async () => {
  await server.call("PUT", "/api/settings", { values: { "budget.session": { usd: 8 } } });
  const { path, watcher, turn, get, send, callModel, last } = await begin("one");
  await callModel();
  // 4 of 8 dollars are no news; the second call makes it all.
  expect(last("budget.warned")).toBeUndefined();
  await server.call("PUT", `${path}/budget`, { budget: { usd: 4.8 } });
  const warned = await watcher.waitForEvent("budget.warned");
  expect(warned.data).toEqual({ scope: "session", measure: "usd", used: 4, limit: 4.8 });
  await server.call("PUT", `${path}/budget`, { budget: { usd: 8 } });

  const stopped = obey(turn);
  expect((await callModel()).status).toBe(200);
  await stopped;
  await watcher.waitForEvent("prompt.interrupted");
  expect(last("budget.reached")).toEqual({
    ...{ scope: "session", measure: "usd", used: 8, limit: 8 },
    spent: { usd: 8, tokens: 2_400_000, minutes: 0 },
  });
  expect(last("prompt.interrupted")).toEqual({ reason: "budget reached: $8.00 of $8.00 for this session" });
  expect(last("notice.raised")).toBeUndefined();
  expect(await get()).toMatchObject({
    status: "idle",
    statusReason: "budget reached: $8.00 of $8.00 for this session",
    attention: "needs-you",
    budgetReached: { used: 8, limit: 8 },
  });

  const refused = await callModel();
  expect(refused.status).toBe(402);
  expect(refused.text).toContain("The budget is used up: $8.00 of $8.00 for this session");
  expect(calls).toBe(2);

  await send("more");
  expect(await get()).toMatchObject({ status: "queued", attention: "needs-you" });
  expect(turns).toHaveLength(1);
  expect(watcher.events.filter(({ type }) => type === "budget.reached")).toHaveLength(1);

  const begun = nextTurn();
  const raised = await server.call("PUT", `${path}/budget`, { budget: { usd: 20 } });
  expect(raised).toMatchObject({ status: 200, body: { session: { budget: { usd: 20 }, budgetReached: null } } });
  expect((await begun).deliver.text).toBe("more");
  expect((await callModel()).status).toBe(200);
  await settle(turns[1] as FakeTurn);
  expect(watcher.events.filter(({ type }) => type === "budget.warned")).toHaveLength(1);
});

test("is not outrun by calls that are asked for at once", async () => {
  const { path, watcher, turn, callModel } = await begin("one");
  await server.call("PUT", `${path}/budget`, { budget: { usd: 1 } });
  const stopped = obey(turn);
  const answers = await Promise.all(Array.from({ length: 6 }, () => callModel()));
  await stopped;
  await watcher.waitForEvent("prompt.interrupted");
  // What one of them may use is more than there is: the rest waited for it, and were refused.
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 402, 402, 402, 402, 402]);
  expect(calls).toBe(1);
});

test("a call that was refused and looks like a failure to the agent ends the turn as stopped", async () => {
  const { path, watcher, turn, callModel, last } = await begin("one");
  await callModel();
  await server.call("PUT", `${path}/budget`, { budget: { tokens: 1000 } });
  await turn.stopped;
  expect((await callModel()).status).toBe(402);
  const error = { code: "provider.failed", message: "The budget is used up" };
  await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "failed", error, durationMs: 5 });
  await watcher.waitForEvent("prompt.interrupted");
  expect(last("prompt.interrupted")?.reason).toBe("budget reached: 1,200,000 of 1,000 tokens for this session");
});

test("a day's budget stops every session, is raised in the settings, and is new the next day", async () => {
  const one = await begin("one");
  const two = await begin("two");
  const stopped = Promise.all([obey(one.turn), obey(two.turn)]);
  await server.call("PUT", "/api/settings", { values: { "budget.day": { tokens: 2_000_000 } } });
  await one.callModel();
  await two.callModel();
  await stopped;
  for (const { watcher, last, send, get } of [one, two]) {
    await watcher.waitForEvent("prompt.interrupted");
    expect(last("budget.reached")).toMatchObject({ scope: "day", measure: "tokens", used: 2_400_000 });
    expect(last("prompt.interrupted")?.reason).toBe("budget reached: 2,400,000 of 2,000,000 tokens for today");
    await send("more");
    expect(await get()).toMatchObject({ status: "queued" });
  }
  expect((await server.call("GET", "/api/usage?by=model")).body).toMatchObject({
    rows: [{ key: "anthropic/claude-sonnet-5", inputTokens: 2_000_000, outputTokens: 400_000, costUsd: 8 }],
    today: { budget: { tokens: 2_000_000 }, tokens: 2_400_000, usd: 8 },
  });

  const bothGoOn = new Promise<void>((resolve) => {
    onTurnBegun = (turn) => void settle(turn).then(() => turns.length === 4 && resolve());
  });
  await server.call("PUT", "/api/settings", { values: { "budget.day": { tokens: 2_500_000 } } });
  await bothGoOn;
  for (const { watcher, last } of [one, two]) {
    await watcher.waitForEvent("prompt.completed");
    expect(last("budget.changed")).toEqual({ budget: null, cause: "settings" });
  }

  await server.call("PUT", "/api/settings", { values: { "budget.day": { tokens: 1 } } });
  await one.send("tomorrow");
  expect(await one.get()).toMatchObject({ status: "queued" });
  now = new Date(now.getTime() + 86_400_000);
  const tomorrow = nextTurn();
  await one.send("wake up");
  expect((await tomorrow).deliver.text).toBe("tomorrow");
  expect(one.last("budget.changed")).toEqual({ budget: null, cause: "new-day" });
  const days = (await server.call("GET", "/api/usage?from=2026-11-23&to=2026-11-23")).body as { rows: unknown[] };
  expect(days.rows).toHaveLength(1);
});

test("a turn over midnight counts on both days, each its part", async () => {
  now = new Date(2026, 10, 23, 23, 50);
  const { turn, watcher, callModel } = await begin("one", "demo/scripted");
  now = new Date(2026, 10, 24, 0, 5);
  expect((await callModel()).status).toBe(200);
  const today = async () => ((await server.call("GET", "/api/usage")).body as UsageAnswer).today.minutes;
  expect(await today()).toBe(5);
  now = new Date(2026, 10, 24, 0, 20);
  await settle(turn);
  await watcher.waitForEvent("prompt.completed");
  expect(await today()).toBe(20);
  const { rows } = (await server.call("GET", "/api/usage?by=day")).body as UsageAnswer;
  expect(rows.map(({ key, minutes }) => [key, minutes])).toEqual([
    ["2026-11-24", 20],
    ["2026-11-23", 10],
  ]);
});

test("a session can begin with limits of its own, which a fork of it keeps", async () => {
  const repository = makeRepository(server.reposDir, "own");
  const body = { repository, model: "demo/scripted", budget: { usd: 2, minutes: null } };
  const created = await server.call("POST", "/api/sessions", body);
  expect(created).toMatchObject({ status: 201, body: { session: { budget: { usd: 2, minutes: null } } } });
  const { id } = (created.body as { session: Session }).session;
  expect(await server.call("POST", `/api/sessions/${id}/fork`, {})).toMatchObject({
    body: { session: { budget: { usd: 2 } } },
  });
  const wrong = await server.call("POST", "/api/sessions", { ...body, budget: { usd: 0 } });
  expect(wrong).toMatchObject({ status: 400, body: { error: { code: "request.invalid" } } });
});

test("counts the minutes of a turn, but not those that it waits for the user", async () => {
  const { path, turn, get, callModel, watcher, last, send } = await begin("one", "demo/scripted");
  await server.call("PUT", `${path}/budget`, { budget: { minutes: 10 } });
  const pass = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000));
  pass(4);
  const question = { questionId: "q1", questions: [{ question: "Which?", header: "Which", options: [] }] };
  await turn.supervisor.report({ kind: "question.asked", ...idsOf(turn), ...question });
  pass(600);
  await server.call("POST", `${path}/questions/q1`, { answers: [["this"]] });
  expect((await get()).workMs).toBe(4 * 60_000);
  expect((await callModel()).status).toBe(200);
  pass(5);
  const stopped = obey(turn);
  expect((await callModel()).status).toBe(200);
  await watcher.waitForEvent("budget.warned");
  pass(1);
  expect((await callModel()).status).toBe(402);
  await stopped;
  await watcher.waitForEvent("prompt.interrupted");
  expect(last("prompt.interrupted")?.reason).toBe("budget reached: 10 of 10 minutes for this session");
  expect(await get()).toMatchObject({ workMs: 600_000, usage: { costUsd: 0 } });
  expect((await server.call("GET", "/api/usage?by=session")).body).toMatchObject({
    rows: [{ label: "go", minutes: 10, costUsd: 0 }],
  });

  // A restart forgets nothing.
  await send("more");
  server = await server.restart();
  expect((await server.call("GET", path)).body).toMatchObject({
    session: { status: "queued", budgetReached: { measure: "minutes" } },
  });
});
