import { join } from "node:path";
import type { Overlap } from "@background-agents/shared/reviews/overlap";
import type { Session } from "@background-agents/shared/sessions/session";
import SQLite from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

/** Writes what the prompt says, `<path> <text>`, as its whole work. */
async function write({ supervisor, deliver, checkpoint }: FakeTurn): Promise<void> {
  const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
  const [path = "", ...words] = deliver.text.split(" ");
  await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  const checkpointId = (await checkpoint(path, `${words.join(" ")}\n`)) as never;
  await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", checkpointId, durationMs: 1 });
}

async function begin(repository: string, text: string): Promise<{ session: Session; watcher: Watcher }> {
  const body = { repository, model: "demo/scripted", title: text, prompt: { text } };
  const { session } = (await server.call("POST", "/api/sessions", body)).body as { session: Session };
  const watcher = await server.watch(session.id, 0);
  await watcher.waitForEvent("prompt.completed");
  return { session, watcher };
}

/** Waits until the session is told of exactly these others. */
async function overlapsWith(watcher: Watcher, others: Session[]): Promise<Overlap[]> {
  const ids = others.map(({ id }) => id).toSorted();
  const last = () => watcher.frames.findLast((frame) => frame.type === "session" || frame.type === "snapshot");
  const fits = (overlaps: Overlap[]) =>
    JSON.stringify(overlaps.map(({ sessionId }) => sessionId)) === JSON.stringify(ids);
  const now = last();
  if (now && "session" in now && fits(now.session.overlaps)) return now.session.overlaps;
  const seen = watcher.frames.length;
  const frame = await watcher.waitFor(
    (one) => one.type === "session" && watcher.frames.indexOf(one) >= seen && fits(one.session.overlaps),
  );
  return frame.type === "session" ? frame.session.overlaps : [];
}

test("sessions that touch the same lines are told of each other until one is put away", async () => {
  server = await startTestServer({ onTurn: write });
  const path = makeRepository(server.reposDir, "example");
  const elsewhere = makeRepository(server.reposDir, "elsewhere");
  const one = await begin(path, "README.md one");
  const other = await begin(path, "README.md two");
  const apart = await begin(path, "other.txt x");
  const foreign = await begin(elsewhere, "README.md one");

  const file = { path: "README.md", conflicts: true, lines: [{ start: 1, end: 1 }] };
  expect(await overlapsWith(one.watcher, [other.session])).toEqual([
    { sessionId: other.session.id, title: "README.md two", branch: other.session.branch, files: [file] },
  ]);
  expect(await overlapsWith(other.watcher, [one.session])).toMatchObject([{ title: "README.md one", files: [file] }]);
  await overlapsWith(apart.watcher, []);
  await overlapsWith(foreign.watcher, []);
  const answer = await server.call("GET", `/api/sessions/${one.session.id}/overlaps`);
  expect(answer.body).toMatchObject({ overlaps: [{ sessionId: other.session.id }] });

  await server.call("PATCH", `/api/sessions/${other.session.id}`, { archived: true });
  await overlapsWith(one.watcher, []);
  await overlapsWith(other.watcher, []);
  await server.call("PATCH", `/api/sessions/${other.session.id}`, { archived: false });
  await overlapsWith(one.watcher, [other.session]);
  await server.call("DELETE", `/api/sessions/${one.session.id}`);
  await overlapsWith(other.watcher, []);

  await server.call("POST", `/api/sessions/${apart.session.id}/prompts`, { text: "README.md three" });
  await overlapsWith(other.watcher, [apart.session]);
  // Both say the same now: nothing is in the way of either.
  await server.call("POST", `/api/sessions/${apart.session.id}/prompts`, { text: "README.md two" });
  await overlapsWith(other.watcher, []);
});

test("what a killed server had not told is found at the next start", async () => {
  server = await startTestServer({ onTurn: write });
  const path = makeRepository(server.reposDir, "example");
  const one = await begin(path, "README.md one");
  const other = await begin(path, "README.md two");
  await overlapsWith(one.watcher, [other.session]);
  await overlapsWith(other.watcher, [one.session]);
  const db = new SQLite(join(server.dataDir, "data.db"));
  db.exec("UPDATE sessions SET details = json_set(details, '$.overlaps', json('[]'))");
  db.close();
  server = await server.restart();
  await overlapsWith(await server.watch(one.session.id, 0), [other.session]);
  await overlapsWith(await server.watch(other.session.id, 0), [one.session]);
});
