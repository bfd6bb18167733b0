import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });

/** Turns that begin at once and end when `finish` is called with their prompt's text. */
function controlledTurns() {
  const doors = new Map<string, { promise: Promise<void>; open: () => void }>();
  const doorOf = (text: string) => {
    const known = doors.get(text);
    if (known) return known;
    let open = (): void => undefined;
    const door = { promise: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
    doors.set(text, door);
    return door;
  };
  return {
    finish: (text: string) => doorOf(text).open(),
    async onTurn(turn: FakeTurn): Promise<void> {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      await doorOf(turn.deliver.text).promise;
      await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 });
    },
  };
}

async function create(running: TestServer, path: string, text: string): Promise<Session> {
  const body = { repository: path, model: "demo/scripted", prompt: { text } };
  return ((await running.call("POST", "/api/sessions", body)).body as { session: Session }).session;
}

test("over the limit sessions wait in line, see their place, and start by themselves", async () => {
  const turns = controlledTurns();
  const running = (server = await startTestServer({ onTurn: turns.onTurn, env: { MAX_RUNNING_SESSIONS: "1" } }));
  const path = makeRepository(running.reposDir, "example");
  const first = await create(running, path, "first");
  await (await running.watch(first.id, 0)).waitForEvent("prompt.started");

  const second = await create(running, path, "second");
  const secondWatch = await running.watch(second.id, 0);
  expect((await secondWatch.waitForEvent("sandbox.queued")).data).toEqual({ reason: "limit", position: 1 });
  const third = await create(running, path, "third");
  const thirdWatch = await running.watch(third.id, 0);
  expect((await thirdWatch.waitForEvent("sandbox.queued")).data).toEqual({ reason: "limit", position: 2 });
  const detail = await running.call("GET", `/api/sessions/${third.id}`);
  expect(detail.body).toMatchObject({
    session: { status: "queued", statusReason: expect.stringContaining("place 2") },
  });

  // The first one's turn ends; its idle sandbox makes room, for the second and not for the third.
  turns.finish("first");
  await secondWatch.waitForEvent("prompt.started");
  await thirdWatch.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "sandbox.queued" && frame.event.data.position === 1,
  );
  expect(thirdWatch.events.some((event) => event.type === "sandbox.creating")).toBe(false);
  const evicted = await running.call("GET", `/api/sessions/${first.id}`);
  expect(evicted.body).toMatchObject({ session: { status: "idle", sandbox: { status: "stopped" } } });

  turns.finish("second");
  await thirdWatch.waitForEvent("prompt.started");
});

test("who stops waiting leaves the line; who waited before a restart waits after it", async () => {
  const turns = controlledTurns();
  let running = (server = await startTestServer({ onTurn: turns.onTurn, env: { MAX_RUNNING_SESSIONS: "1" } }));
  const path = makeRepository(running.reposDir, "example");
  const first = await create(running, path, "first");
  await (await running.watch(first.id, 0)).waitForEvent("prompt.started");
  const second = await create(running, path, "second");
  await (await running.watch(second.id, 0)).waitForEvent("sandbox.queued");
  const third = await create(running, path, "third");
  await (await running.watch(third.id, 0)).waitForEvent("sandbox.queued");

  running = server = await running.restart();
  for (const container of running.provider.containers.values()) await container.supervisor?.reconnect();
  await running.call("POST", `/api/sessions/${second.id}/stop`);
  await (await running.watch(second.id, 0)).waitForEvent("sandbox.stopped");
  const thirdWatch = await running.watch(third.id, 0);
  turns.finish("first");
  await thirdWatch.waitForEvent("prompt.started");
  expect([...running.provider.containers.values()].filter((container) => container.running)).toHaveLength(1);
});

test("a session that ran before, and waits for its next sandbox, does not miss the one before", async () => {
  const turns = controlledTurns();
  let running = (server = await startTestServer({ onTurn: turns.onTurn, env: { MAX_RUNNING_SESSIONS: "1" } }));
  const path = makeRepository(running.reposDir, "example");
  turns.finish("once");
  const waiting = await create(running, path, "once");
  const waitingWatch = await running.watch(waiting.id, 0);
  await waitingWatch.waitForEvent("prompt.completed");
  const working = await create(running, path, "first");
  await (await running.watch(working.id, 0)).waitForEvent("prompt.started");
  await running.call("POST", `/api/sessions/${waiting.id}/prompts`, { text: "again" });
  await waitingWatch.waitForEvent("sandbox.queued");

  // A start compares rows and containers, as the server does from time to time.
  running = server = await running.restart();
  for (const container of running.provider.containers.values()) await container.supervisor?.reconnect();
  const after = await running.call("GET", `/api/sessions/${waiting.id}`);
  expect(after.body).toMatchObject({ session: { status: "queued", sandbox: { status: "queued" } } });
  turns.finish("first");
  turns.finish("again");
  const again = await running.watch(waiting.id, waitingWatch.events.length);
  await again.waitForEvent("prompt.completed");
});

test("a sandbox of which nothing is asked is stopped after the idle time; the next prompt starts it again", async () => {
  const turns = controlledTurns();
  const running = (server = await startTestServer({ onTurn: turns.onTurn, env: { IDLE_TIMEOUT_MS: "300" } }));
  const session = await create(running, makeRepository(running.reposDir, "example"), "first");
  const watcher = await running.watch(session.id, 0);
  await watcher.waitForEvent("prompt.started");
  turns.finish("first");
  const stopped = await watcher.waitForEvent("sandbox.stopped");
  expect(stopped.data).toMatchObject({ reason: "idle" });
  // That is nothing the user would look for: the session stays where it stood in the list.
  const after = (await running.call("GET", `/api/sessions/${session.id}`)).body as { session: Session };
  expect(Date.parse(after.session.lastActivityAt)).toBeLessThan(Date.parse(stopped.at));
  turns.finish("again");
  await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
  let completed = 0;
  await watcher.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "prompt.completed" && ++completed === 2,
  );
});
