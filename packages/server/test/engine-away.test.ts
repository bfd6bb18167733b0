import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

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
