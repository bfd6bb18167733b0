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
