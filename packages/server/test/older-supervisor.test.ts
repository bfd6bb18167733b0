import { OLDEST_SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Resolves when so many events of the type were seen. */
async function waitForMany(watcher: Watcher, type: string, times: number): Promise<void> {
  let seen = 0;
  await watcher.waitFor((frame) => frame.type === "event" && frame.event.type === type && ++seen === times);
}

/** A session whose first turn runs under a supervisor of that version, and turns that end when told. */
async function startSession(protocolVersion: number | undefined) {
  const turns: { turn: FakeTurn; end: () => void }[] = [];
  const onTurn = async (turn: FakeTurn): Promise<void> => {
    const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
    const ended = new Promise<void>((end) => turns.push({ turn, end }));
    await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
    await ended;
    await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
  };
  const started = await startTestServer({ onTurn });
  server = started;
  started.provider.protocolVersion = protocolVersion;
  const body = { repository: makeRepository(started.reposDir, "example"), model: "demo/scripted" };
  const answer = await started.call("POST", "/api/sessions", { ...body, prompt: { text: "first" } });
  const { session } = answer.body as { session: Session };
  const path = `/api/sessions/${session.id}/prompts`;
  await waitForMany(await started.watch(session.id, 0), "prompt.started", 1);

  return {
    turns,
    /** The server of today takes over; the supervisor dials again. */
    async update(): Promise<Watcher> {
      const again = await started.restart();
      server = again;
      again.provider.protocolVersion = undefined;
      const watcher = await again.watch(session.id, 0);
      // Nobody waits for the welcome: an idle one of an older version may be ended before it heard it.
      for (const { supervisor } of again.provider.containers.values()) void supervisor?.reconnect();
      return watcher;
    },
    watch: () => started.watch(session.id, 0),
    send: (text: string) => server?.call("POST", path, { text }),
  };
}

test("after an update an older supervisor ends its turn; what waits begins in a new container", async () => {
  const { turns, send, update } = await startSession(OLDEST_SUPERVISOR_PROTOCOL_VERSION);
  const watcher = await update();
  await send("second");
  expect(watcher.events.filter((event) => event.type === "sandbox.stopped")).toEqual([]);
  turns[0]?.end();
  await waitForMany(watcher, "prompt.started", 2);
  expect(turns[1]?.turn.supervisor).not.toBe(turns[0]?.turn.supervisor);
  turns[1]?.end();
  await waitForMany(watcher, "prompt.completed", 2);
  const types = watcher.events.map((event) => event.type);
  expect(types.filter((type) => type === "sandbox.creating")).toHaveLength(2);
  expect(types.indexOf("sandbox.stopped")).toBeGreaterThan(types.indexOf("prompt.completed"));
});

test("after an update an idle sandbox of an older version is stopped, and says why", async () => {
  const { turns, update, watch } = await startSession(OLDEST_SUPERVISOR_PROTOCOL_VERSION);
  turns[0]?.end();
  await (await watch()).waitForEvent("prompt.completed");
  const stopped = await (await update()).waitForEvent("sandbox.stopped");
  expect(JSON.stringify(stopped.data)).toContain("older version");
});

test("a sandbox of today's version outlives a restart of the server", async () => {
  const { turns, send, update } = await startSession(undefined);
  const watcher = await update();
  turns[0]?.end();
  await watcher.waitForEvent("prompt.completed");
  await send("second");
  await waitForMany(watcher, "prompt.started", 2);
  expect(turns[1]?.turn.supervisor).toBe(turns[0]?.turn.supervisor);
  turns[1]?.end();
  await waitForMany(watcher, "prompt.completed", 2);
});

test("where the image itself is older a new container would be no newer: it stays", async () => {
  const { turns, send, watch } = await startSession(OLDEST_SUPERVISOR_PROTOCOL_VERSION);
  const watcher = await watch();
  turns[0]?.end();
  await watcher.waitForEvent("prompt.completed");
  await send("second");
  await waitForMany(watcher, "prompt.started", 2);
  expect(turns[1]?.turn.supervisor).toBe(turns[0]?.turn.supervisor);
  turns[1]?.end();
  await waitForMany(watcher, "prompt.completed", 2);
});
