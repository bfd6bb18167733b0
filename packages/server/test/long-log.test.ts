import { afterEach, expect, test } from "vitest";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const PARTS = 300;
const TEXT = "x".repeat(60_000);

async function talkative(turn: FakeTurn): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  for (let index = 0; index < PARTS; index += 1) {
    const part = { partId: `p${index}`, kind: "text" as const, index, text: TEXT };
    await turn.supervisor.report({ kind: "part.settled", ...ids, part });
  }
  await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
}

test("a log larger than a browser's buffer arrives whole and in order on one connection", async () => {
  server = await startTestServer({ onTurn: talkative });
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
