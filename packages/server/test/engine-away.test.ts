import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import { wrapEngineError } from "../src/sandboxes/engine-call.ts";
import { refusal } from "../src/testing/fake-provider.ts";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function endAtOnce({ supervisor, deliver: { promptId, turnId } }: FakeTurn): Promise<void> {
  await supervisor.report({ kind: "turn.started", promptId, turnId, messageId: "msg_1" });
  await supervisor.report({ kind: "turn.ended", promptId, turnId, outcome: "completed", durationMs: 1 });
}

test("a server that starts before the engine adopts what runs when the engine is there", async () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const started = await startTestServer({
    async onTurn({ supervisor, deliver: { promptId, turnId } }) {
      await supervisor.report({ kind: "turn.started", promptId, turnId, messageId: "msg_1" });
      await ended;
      await supervisor.report({ kind: "turn.ended", promptId, turnId, outcome: "completed", durationMs: 1 });
    },
  });
  server = started;
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  await (await started.watch(session.id, 0)).waitForEvent("prompt.started");

  started.provider.trouble = "engine";
  const again = await started.restart();
  server = again;
  const before = await again.call("GET", `/api/sessions/${session.id}`);
  expect(before.body).toMatchObject({ session: { status: "working" } });
  const watcher = await again.watch(session.id, 0);
  const [container] = again.provider.containers.values();
  again.provider.trouble = undefined;
  // As a supervisor does: it dials until somebody listens.
  const dial = (): Promise<unknown> | undefined => container?.supervisor?.reconnect().catch(dial);
  await dial();
  end();
  await watcher.waitForEvent("prompt.completed");
  expect(watcher.events.filter((event) => event.type === "sandbox.creating")).toHaveLength(1);
});

test("what is asked while the engine is away waits, says why, and goes on by itself", async () => {
  const started = await startTestServer({ onTurn: endAtOnce, env: { IDLE_TIMEOUT_MS: "300" } });
  server = started;
  started.provider.trouble = "engine";
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  const cause = expect.stringContaining("ECONNREFUSED");
  expect((await watcher.waitForEvent("sandbox.queued")).data).toMatchObject({ reason: "engine", cause });
  const waiting = await started.call("GET", `/api/sessions/${session.id}`);
  const statusReason = expect.stringMatching(/Docker engine does not answer .*ECONNREFUSED/);
  expect(waiting.body).toMatchObject({ session: { status: "queued", attention: "needs-you", statusReason } });
  expect((await started.call("GET", "/api/health")).body).toMatchObject({ status: "degraded" });

  started.provider.trouble = undefined;
  await watcher.waitForEvent("prompt.completed");
  // It was tried more than once, and said once.
  expect(watcher.events.filter(({ type }) => type === "sandbox.queued")).toHaveLength(1);
});

test("an engine that may not be used fails what is asked with the reason; the next prompt works once it may", async () => {
  const started = await startTestServer({ onTurn: endAtOnce });
  server = started;
  const { provider } = started;
  const { info } = provider;
  provider.info = async () => {
    throw wrapEngineError(refusal("EACCES"));
  };
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  const message = expect.stringContaining("EACCES");
  expect((await watcher.waitForEvent("prompt.failed")).data).toMatchObject({ code: "engine.unusable", message });
  const failed = await started.call("GET", `/api/sessions/${session.id}`);
  expect(failed.body).toMatchObject({ session: { status: "failed", attention: "needs-you", statusReason: message } });

  provider.info = info;
  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
  await watcher.waitForEvent("prompt.completed");
});

test("an engine that answers and breaks off each start is tried a few times, then the prompt fails", async () => {
  const started = await startTestServer({ onTurn: endAtOnce, env: { IDLE_TIMEOUT_MS: "100" } });
  server = started;
  const { provider } = started;
  provider.start = async () => {
    throw wrapEngineError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
  };
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  const message = expect.stringMatching(/answers, and broke off .* 3 times \(socket hang up\)/);
  expect((await watcher.waitForEvent("prompt.failed")).data).toMatchObject({ code: "engine.unusable", message });
  expect(watcher.events.filter(({ type }) => type === "sandbox.creating")).toHaveLength(3);
  expect(watcher.events.filter(({ type }) => type === "sandbox.queued")).toHaveLength(2);
});

test("an engine that goes away while a container is made leaves the prompt waiting, too", async () => {
  const started = await startTestServer({ onTurn: endAtOnce, env: { IDLE_TIMEOUT_MS: "300" } });
  server = started;
  const { provider } = started;
  const { start } = provider;
  provider.start = async (order) => {
    provider.start = start;
    provider.trouble = "engine";
    return start(order);
  };
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  await watcher.waitForEvent("sandbox.queued");
  provider.trouble = undefined;
  await watcher.waitForEvent("prompt.completed");
});

test("sessions that wait when a server starts before the engine keep their order, whatever else happened to them", async () => {
  const begun: string[] = [];
  const started = await startTestServer({
    env: { MAX_RUNNING_SESSIONS: "1", IDLE_TIMEOUT_MS: "300" },
    async onTurn(turn) {
      begun.push(turn.deliver.text);
      if (turn.deliver.text === "first") return;
      await endAtOnce(turn);
    },
  });
  server = started;
  const repository = makeRepository(started.reposDir, "example");
  const create = async (text: string): Promise<Session> => {
    const body = { repository, model: "demo/scripted", prompt: { text } };
    return ((await started.call("POST", "/api/sessions", body)).body as { session: Session }).session;
  };
  const first = await create("first");
  await (await started.watch(first.id, 0)).waitForEvent("prompt.starting");
  const second = await create("second");
  await (await started.watch(second.id, 0)).waitForEvent("sandbox.queued");
  const third = await create("third");
  await (await started.watch(third.id, 0)).waitForEvent("sandbox.queued");
  await started.call("PATCH", `/api/sessions/${second.id}`, { title: "Renamed while it waited" });

  started.provider.trouble = "engine";
  started.provider.kill(first.id, 137);
  const again = await started.restart();
  server = again;
  const watcher = await again.watch(third.id, 0);
  again.provider.trouble = undefined;
  await watcher.waitForEvent("prompt.completed");
  expect(begun).toEqual(["first", "second", "third"]);
  const detail = await again.call("GET", `/api/sessions/${second.id}`);
  expect(detail.body).toMatchObject({ prompts: [{ status: "completed" }] });
});

test("an idle sandbox that the engine does not stop goes on serving, and its end is told as what it was", async () => {
  const started = await startTestServer({
    env: { IDLE_TIMEOUT_MS: "100" },
    async onTurn({ supervisor, deliver: { promptId, turnId, text } }) {
      await supervisor.report({ kind: "turn.started", promptId, turnId, messageId: "msg_1" });
      if (text === "stay") return;
      await supervisor.report({ kind: "turn.ended", promptId, turnId, outcome: "completed", durationMs: 1 });
    },
  });
  server = started;
  const { provider } = started;
  const stop = provider.stop;
  let tries = 0;
  const triedTwice = new Promise<void>((resolve) => {
    provider.stop = async (handle, graceMs) => {
      provider.trouble = "engine";
      tries += 1;
      if (tries === 2) resolve();
      await stop(handle, graceMs);
    };
  });
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "work" } });
  const { session } = answer.body as { session: Session };
  const watcher = await started.watch(session.id, 0);
  await watcher.waitForEvent("prompt.completed");
  await triedTwice;

  await started.call("POST", `/api/sessions/${session.id}/prompts`, { text: "stay" });
  let turns = 0;
  await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === "prompt.started" && ++turns === 2);
  provider.trouble = undefined;
  for (const container of provider.containers.values()) container.outOfMemory = true;
  provider.kill(session.id, 137);
  const failed = await watcher.waitForEvent("prompt.failed");
  expect(failed.data).toMatchObject({ code: "sandbox.lost", message: expect.stringContaining("out of memory") });
  expect(watcher.events.filter((event) => event.type === "sandbox.creating")).toHaveLength(1);
});
