import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const PARTS = 300;
const TEXT = "x".repeat(60_000);

/** Says much in one turn, which ends when `until` has come. */
async function talkative(turn: FakeTurn, until?: Promise<void>): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  for (let index = 0; index < PARTS; index += 1) {
    const part = { partId: `p${index}`, kind: "text" as const, index, text: TEXT };
    await turn.supervisor.report({ kind: "part.settled", ...ids, part });
  }
  await until;
  await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
}

test("a log larger than a browser's buffer arrives whole and in order on one connection", async () => {
  server = await startTestServer({ onTurn: (turn) => talkative(turn) });
  const body = {
    repository: makeRepository(server.reposDir, "example"),
    model: "demo/scripted",
    prompt: { text: "x" },
  };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  await (await server.watch(session.id)).waitForEvent("prompt.completed");

  const late = await server.watch(session.id, 0);
  await late.waitForEvent("prompt.completed");
  expect(late.events.map((event) => event.seq)).toEqual(late.events.map((_event, index) => index + 1));
  expect(late.events.filter((event) => event.type === "part.settled")).toHaveLength(PARTS);
  const page = (await server.call("GET", `/api/sessions/${session.id}/events?after=2&limit=3`)).body as {
    events: { seq: number }[];
  };
  expect(page.events.map((event) => event.seq)).toEqual([3, 4, 5]);
});

test("a session whose snapshot is larger than a browser's buffer opens, with all that happened after it", async () => {
  server = await startTestServer({ onTurn: () => Promise.resolve() });
  const { session } = (
    await server.call("POST", "/api/sessions", {
      repository: makeRepository(server.reposDir, "example"),
      model: "demo/scripted",
    })
  ).body as { session: Session };
  const texts = Array.from({ length: 40 }, (_one, index) => `${index} ${"x".repeat(130_000)}`);
  for (const text of texts) {
    expect((await server.call("POST", `/api/sessions/${session.id}/prompts`, { text })).status).toBe(202);
  }

  const late = await server.watch(session.id, 0);
  const snapshot = await late.waitFor((frame) => frame.type === "snapshot");
  expect(snapshot.type === "snapshot" && snapshot.prompts.map(({ text }) => text)).toEqual(texts);
  await server.call("PATCH", `/api/sessions/${session.id}`, { title: "Opened" });
  await late.waitFor((frame) => frame.type === "session" && frame.session.title === "Opened");
  expect(late.events.map((event) => event.seq)).toEqual(late.events.map((_event, index) => index + 1));
  expect(late.events.filter((event) => event.type === "prompt.queued")).toHaveLength(texts.length);
});

test("what changed while a long history was read is told before what happens", async () => {
  let end = (): void => undefined;
  const said = new Promise<void>((resolve) => (end = resolve));
  server = await startTestServer({ onTurn: (turn) => talkative(turn, said) });
  const { session } = (
    await server.call("POST", "/api/sessions", {
      repository: makeRepository(server.reposDir, "example"),
      model: "demo/scripted",
      prompt: { text: "x" },
    })
  ).body as { session: Session };
  const awake = await server.watch(session.id);
  await awake.waitFor(
    (frame) => frame.type === "event" && frame.event.type === "part.settled" && frame.event.data.index === PARTS - 1,
  );

  const late = await server.watch(session.id, 0);
  late.pause();
  end();
  await awake.waitForEvent("prompt.completed");
  late.resume();
  await late.waitForEvent("prompt.completed");
  await server.call("PATCH", `/api/sessions/${session.id}`, { title: "Read" });
  await late.waitFor((frame) => frame.type === "session" && frame.session.title === "Read");

  const told = late.frames.flatMap((frame) => (frame.type === "session" ? [frame.session] : []));
  expect(told.map(({ title, status }) => [title, status])).toEqual([
    ["x", "idle"],
    ["Read", "idle"],
  ]);
  const prompts = late.frames.flatMap((frame) => (frame.type === "prompt" ? [frame.prompt.status] : []));
  expect(prompts).toEqual(["completed"]);
});
