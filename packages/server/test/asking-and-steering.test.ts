import { afterEach, describe, expect, test } from "vitest";
import type { HubFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });
const start = (turn: FakeTurn) => turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
const end = (turn: FakeTurn) =>
  turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 });
const question = {
  questionId: "que_1",
  questions: [{ question: "Keep it?", header: "Column", options: [{ label: "Yes", description: "" }] }],
};

async function open(onTurn: (turn: FakeTurn) => Promise<void>) {
  const running = (server = await startTestServer({ onTurn }));
  const body = {
    repository: makeRepository(running.reposDir, "example"),
    model: "demo/scripted",
    prompt: { text: "first" },
  };
  const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
  const watcher = await running.watch(session.id, 0);
  const get = async () =>
    (await running.call("GET", `/api/sessions/${session.id}`)).body as { session: Session; prompts: Prompt[] };
  return { running, session, watcher, get, path: `/api/sessions/${session.id}` };
}

const countOf = (watcher: Watcher, type: string): number =>
  watcher.events.filter((event) => event.type === type).length;

describe("a question", () => {
  test("waits for the user, is answered once, and the agent goes on", async () => {
    const heard: HubFrame[] = [];
    const { running, watcher, get, path } = await open(async (turn) => {
      await start(turn);
      await turn.supervisor.report({ kind: "question.asked", ...idsOf(turn), ...question });
      heard.push(await turn.supervisor.waitFor("question.answer"));
      await turn.supervisor.report({
        kind: "question.closed",
        ...idsOf(turn),
        questionId: "que_1",
        answers: [["Yes"]],
      });
      await end(turn);
    });
    await watcher.waitForEvent("question.asked");
    expect((await get()).session).toMatchObject({
      status: "waiting",
      attention: "needs-you",
      statusReason: "question: Keep it?",
      asking: { questions: [question] },
    });
    const wrong = await running.call("POST", `${path}/questions/que_1`, { answers: [["Yes"], ["No"]] });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: "request.invalid" } } });
    const answered = await running.call("POST", `${path}/questions/que_1`, { answers: [["Yes"]] });
    expect(answered).toMatchObject({ status: 200, body: { session: { asking: { questions: [] } } } });
    const again = await running.call("POST", `${path}/questions/que_1`, { answers: [["No"]] });
    expect(again).toMatchObject({ status: 409, body: { error: { code: "question.not-open" } } });
    await watcher.waitForEvent("prompt.completed");
    expect(heard).toEqual([{ type: "question.answer", questionId: "que_1", answers: [["Yes"]] }]);
    expect(countOf(watcher, "question.answered")).toBe(1);
  });

  test("survives a restart; an answer the agent never heard is sent when it asks again", async () => {
    let again = (): void => undefined;
    const restarted = new Promise<void>((resolve) => (again = resolve));
    const opened = await open(async (turn) => {
      await start(turn);
      await turn.supervisor.report({ kind: "question.asked", ...idsOf(turn), ...question });
      await restarted;
      // As the supervisor does on every welcome: it asks again what is still open.
      await turn.supervisor.report({ kind: "question.asked", ...idsOf(turn), ...question });
      await turn.supervisor.waitFor("question.answer");
      await end(turn);
    });
    await opened.watcher.waitForEvent("question.asked");
    const [container] = opened.running.provider.containers.values();
    container?.supervisor?.cut();
    await opened.running.call("POST", `${opened.path}/questions/que_1`, { answers: [["Yes"]] });
    const running = (server = await opened.running.restart());
    await container?.supervisor?.reconnect();
    again();
    const watcher = await running.watch(opened.session.id, 0);
    await watcher.waitForEvent("prompt.completed");
    expect(countOf(watcher, "question.asked")).toBe(1);
    expect(countOf(watcher, "question.answered")).toBe(1);
  });

  test("ends with its turn", async () => {
    const { watcher, get } = await open(async (turn) => {
      await start(turn);
      await turn.supervisor.report({ kind: "question.asked", ...idsOf(turn), ...question });
      await end(turn);
    });
    await watcher.waitForEvent("prompt.completed");
    expect((await get()).session.asking).toEqual({ questions: [], permissions: [], approvals: [] });
  });
});

test("a permission is asked, and the reply with its reason reaches the agent", async () => {
  const heard: HubFrame[] = [];
  const { running, watcher, get, path } = await open(async (turn) => {
    await start(turn);
    const asked = { permissionId: "per_1", permission: "bash", patterns: ["rm -rf build"] };
    await turn.supervisor.report({ kind: "permission.asked", ...idsOf(turn), ...asked });
    heard.push(await turn.supervisor.waitFor("permission.answer"));
    await end(turn);
  });
  await watcher.waitForEvent("permission.asked");
  expect((await get()).session.statusReason).toBe("asks to run a command: rm -rf build");
  await running.call("POST", `${path}/permissions/per_1`, { reply: "reject", message: "keep it" });
  await watcher.waitForEvent("prompt.completed");
  expect(heard).toEqual([{ type: "permission.answer", permissionId: "per_1", reply: "reject", message: "keep it" }]);
});

describe("prompts sent while a turn runs", () => {
  test("are queued, edited, put in another order, cancelled, and run in the order that is shown", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const ran: string[] = [];
    const { running, watcher, get, path } = await open(async (turn) => {
      await start(turn);
      await held;
      ran.push(turn.deliver.text);
      await end(turn);
    });
    await watcher.waitForEvent("prompt.started");
    const send = async (text: string) =>
      ((await running.call("POST", `${path}/prompts`, { text })).body as { prompt: Prompt }).prompt.id;
    const [b, c, d] = [await send("b"), await send("c"), await send("d")];
    expect((await running.call("PATCH", `${path}/prompts/${d}`, { before: b })).status).toBe(200);
    expect((await running.call("PATCH", `${path}/prompts/${b}`, { text: "b2", before: null })).status).toBe(200);
    expect((await running.call("DELETE", `${path}/prompts/${c}`)).status).toBe(200);
    expect((await get()).prompts.map((prompt) => `${prompt.text} ${prompt.status}`)).toEqual([
      "first running",
      "d queued",
      "c cancelled",
      "b2 queued",
    ]);
    expect((await running.call("PATCH", `${path}/prompts/${c}`, { text: "x" })).status).toBe(409);
    expect((await running.call("PATCH", `${path}/prompts/${b}`, {})).status).toBe(400);
    release();
    let completed = 0;
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++completed === 3,
    );
    expect(ran).toEqual(["first", "d", "b2"]);
  });

  test("a steering prompt joins the running turn", async () => {
    const { running, watcher, get, path } = await open(async (turn) => {
      await start(turn);
      const steer = await turn.supervisor.waitFor("prompt.steer");
      if (steer.type !== "prompt.steer") throw new Error("not a steer");
      await turn.supervisor.report({
        kind: "prompt.steered",
        promptId: steer.promptId,
        turnId: steer.turnId,
        messageId: "msg_2",
      });
      await end(turn);
    });
    await watcher.waitForEvent("prompt.started");
    await running.call("POST", `${path}/prompts`, { text: "use config", mode: "steer" });
    await watcher.waitForEvent("prompt.completed");
    expect((await get()).prompts.map((prompt) => prompt.status)).toEqual(["completed", "steered"]);
    expect(countOf(watcher, "prompt.starting")).toBe(1);
  });

  test("a steering prompt that the agent was given is neither reworded nor taken back: it has the text", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { running, watcher, get, path } = await open(async (turn) => {
      await start(turn);
      const steer = await turn.supervisor.waitFor("prompt.steer");
      if (steer.type !== "prompt.steer") throw new Error("not a steer");
      await held;
      const { promptId, turnId } = steer;
      await turn.supervisor.report({ kind: "prompt.steered", promptId, turnId, messageId: "msg_2" });
      await end(turn);
    });
    await watcher.waitForEvent("prompt.started");
    const sent = await running.call("POST", `${path}/prompts`, { text: "use config", mode: "steer" });
    const { id } = (sent.body as { prompt: Prompt }).prompt;
    for (const [method, body] of [["PATCH", { text: "use nothing" }], ["DELETE"]] as const) {
      expect(await running.call(method, `${path}/prompts/${id}`, body)).toMatchObject({
        status: 409,
        body: { error: { code: "prompt.not-queued", message: expect.stringContaining("has been given this prompt") } },
      });
    }
    release();
    await watcher.waitForEvent("prompt.completed");
    expect((await get()).prompts.map(({ text, status }) => `${text} ${status}`)).toEqual([
      "first completed",
      "use config steered",
    ]);
  });

  test("a steering prompt that the turn does not take becomes a turn of its own", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { running, watcher, get, path } = await open(async (turn) => {
      await start(turn);
      await held;
      await end(turn);
    });
    await watcher.waitForEvent("prompt.started");
    await running.call("POST", `${path}/prompts`, { text: "too late", mode: "steer" });
    release();
    let completed = 0;
    await watcher.waitFor(
      (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++completed === 2,
    );
    expect((await get()).prompts.map((prompt) => prompt.status)).toEqual(["completed", "completed"]);
  });
});
