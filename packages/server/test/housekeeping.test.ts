import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { DiskAnswer } from "@background-agents/shared/protocol/commands";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, test } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const DAY_MS = 24 * 60 * 60 * 1000;

function movableClock() {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    move: (ms: number) => {
      offsetMs += ms;
    },
  };
}

async function oneTurn(turn: FakeTurn): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  await turn.checkpoint("made.txt", turn.deliver.text);
  await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
}

async function workedSession(running: TestServer): Promise<{ session: Session; path: string }> {
  const path = makeRepository(running.reposDir, "example");
  const body = { repository: path, model: "demo/scripted", prompt: { text: "work" } };
  const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
  await (await running.watch(session.id, 0)).waitForEvent("branch.published");
  return { session, path };
}

async function listTypes(running: TestServer, id: string): Promise<SessionEvent["type"][]> {
  const { events } = (await running.call("GET", `/api/sessions/${id}/events`)).body as { events: SessionEvent[] };
  return events.map((event) => event.type);
}

/** Titles of the sessions that a list has. */
async function titles(running: TestServer, query = ""): Promise<string[]> {
  const { sessions } = (await running.call("GET", `/api/sessions${query}`)).body as { sessions: Session[] };
  return sessions.map(({ title }) => title).toSorted();
}

const git = (path: string, ...args: string[]): string =>
  execFileSync("git", ["-C", path, ...args], { encoding: "utf8" }).trim();

test("a session is purged 7 days after its deletion, all but its row and its branch in the user's repository", async () => {
  const clock = movableClock();
  let running = (server = await startTestServer({ onTurn: oneTurn, clock }));
  const { session, path } = await workedSession(running);
  const quarantine = join(running.dataDir, "quarantine", session.id);
  const mirror = join(running.dataDir, "mirrors", `${session.repository.id}.git`);
  const pin = `refs/background-agents/base/${session.id}`;
  const branch = git(path, "rev-parse", session.branch);
  const watcher = await running.watch(session.id, 0);
  await running.call("DELETE", `/api/sessions/${session.id}`);
  await watcher.waitForEvent("sandbox.stopped");

  // Not yet: the control of what follows.
  clock.move(6 * DAY_MS);
  running = server = await running.restart();
  running = server = await running.restart();
  expect(await listTypes(running, session.id)).not.toContain("session.purged");
  expect(existsSync(quarantine)).toBe(true);
  expect(git(mirror, "rev-parse", pin)).toBe(session.baseCommit);
  expect(running.provider.removedVolumes).toEqual([]);

  // Due, but the engine cannot remove the volumes: nothing is claimed.
  clock.move(2 * DAY_MS);
  running.provider.trouble = "engine";
  running = server = await running.restart();
  running = server = await running.restart();
  expect(await listTypes(running, session.id)).not.toContain("session.purged");
  const early = await running.call("POST", `/api/sessions/${session.id}/restore`);
  expect(early).toMatchObject({ status: 409, body: { error: { code: "session.deleted" } } });

  running.provider.trouble = undefined;
  running = server = await running.restart();
  await (await running.watch(session.id, 0)).waitForEvent("session.purged");
  expect(running.provider.removedVolumes).toEqual([session.id]);
  expect(existsSync(quarantine)).toBe(false);
  expect(git(mirror, "for-each-ref", pin)).toBe("");
  expect(git(path, "rev-parse", session.branch)).toBe(branch);
  expect(((await running.call("GET", "/api/disk")).body as DiskAnswer).sessions).toEqual([]);
  const late = await running.call("POST", `/api/sessions/${session.id}/restore`);
  expect(late).toMatchObject({
    status: 409,
    body: { error: { code: "session.deleted", message: expect.stringContaining(session.branch) } },
  });

  // Once is enough.
  running = server = await running.restart();
  running = server = await running.restart();
  expect((await listTypes(running, session.id)).filter((type) => type === "session.purged")).toHaveLength(1);
  expect(running.provider.removedVolumes).toHaveLength(1);
});

test("a session that was deleted and restored is left alone, however old", async () => {
  const clock = movableClock();
  let running = (server = await startTestServer({ onTurn: oneTurn, clock }));
  const { session } = await workedSession(running);
  await running.call("DELETE", `/api/sessions/${session.id}`);
  expect((await running.call("POST", `/api/sessions/${session.id}/restore`)).status).toBe(200);
  clock.move(30 * DAY_MS);
  running = server = await running.restart();
  running = server = await running.restart();
  expect(await listTypes(running, session.id)).not.toContain("session.purged");
  expect(existsSync(join(running.dataDir, "quarantine", session.id))).toBe(true);
});

test("a deleted session is listed until it is purged, archived or not, where deleted ones are asked for", async () => {
  const clock = movableClock();
  let running = (server = await startTestServer({ onTurn: oneTurn, clock }));
  const repository = makeRepository(running.reposDir, "example");
  const make = async (title: string, archived: boolean): Promise<string> => {
    const body = { repository, model: "demo/scripted", title };
    const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
    if (archived) await running.call("PATCH", `/api/sessions/${session.id}`, { archived });
    return session.id;
  };
  await make("kept", false);
  await make("put away", true);
  const deleted = [await make("deleted", false), await make("put away and deleted", true)];
  for (const id of deleted) await running.call("DELETE", `/api/sessions/${id}`);

  expect(await titles(running)).toEqual(["kept"]);
  expect(await titles(running, "?archived=true")).toEqual(["put away"]);
  expect(await titles(running, "?deleted=true")).toEqual(["deleted", "put away and deleted"]);
  expect(await titles(running, "?deleted=true&archived=false")).toEqual(["deleted"]);
  await running.call("POST", `/api/sessions/${deleted[0]}/restore`);
  expect(await titles(running)).toEqual(["deleted", "kept"]);
  expect(await titles(running, "?deleted=true")).toEqual(["put away and deleted"]);

  clock.move(8 * DAY_MS);
  running = server = await running.restart();
  await (await running.watch(deleted[1] ?? "", 0)).waitForEvent("session.purged");
  expect(await titles(running, "?deleted=true")).toEqual([]);
  expect(await titles(running, "?archived=true")).toEqual(["put away"]);
});

test("what a sandbox sends is kept where its session leads to it, and goes with the session", async () => {
  const clock = movableClock();
  const output = Buffer.from("a long output");
  const hash = createHash("sha256").update(output).digest("hex");
  const said: unknown[] = [];
  const onTurn = async (turn: FakeTurn): Promise<void> => {
    const { supervisor, deliver } = turn;
    const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
    const keep = (id: string) =>
      supervisor.put(`/conversation/${id}`, Buffer.from("{}")).catch((error) => said.push(error));
    await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
    await supervisor.put(`/blob/${hash}`, output);
    const first = await turn.checkpoint("one.txt", "1");
    const second = await turn.checkpoint("two.txt", "2");
    for (const id of [second, first, newId("checkpoint")]) await keep(id);
    await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
  };
  let running = (server = await startTestServer({ onTurn, clock }));
  const { session } = await workedSession(running);
  expect(said.map(String)).toEqual([expect.stringMatching(/422.*last/), expect.stringMatching(/422.*last/)]);
  expect(readdirSync(join(running.dataDir, "quarantine", session.id, "conversations"))).toHaveLength(1);
  expect((await running.call("GET", `/api/blobs/${hash}`)).body).toBe("a long output");

  await running.call("DELETE", `/api/sessions/${session.id}`);
  clock.move(8 * DAY_MS);
  running = server = await running.restart();
  await (await running.watch(session.id, 0)).waitForEvent("session.purged");
  expect((await running.call("GET", `/api/blobs/${hash}`)).status).toBe(404);
});

test("what there is no room for is not taken from a sandbox, which hears why", async () => {
  let freeBytes = 3 * 2 ** 30;
  const said: string[] = [];
  const onTurn = async (turn: FakeTurn): Promise<void> => {
    const { supervisor, deliver } = turn;
    const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
    const hear = (error: unknown) => void said.push(String(error));
    await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
    freeBytes = 2 ** 28;
    await supervisor.put(`/blob/${"a".repeat(64)}`, Buffer.from("output")).catch(hear);
    await turn.live("live.txt", "live").catch(hear);
    await turn.checkpoint("one.txt", "1").catch(hear);
    freeBytes = 3 * 2 ** 30;
    await turn.upload();
    await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
  };
  const running = (server = await startTestServer({ onTurn, readFreeBytes: async () => freeBytes }));
  await workedSession(running);
  const refused = expect.stringMatching(/507.*Only 0\.3 GiB are free.*still in its sandbox/);
  expect(said).toEqual([refused, refused, refused]);
});

test("disk use is told for each session", async () => {
  const running = (server = await startTestServer({ onTurn: oneTurn }));
  const { session } = await workedSession(running);
  running.provider.volumes.set(session.id, 12_345);
  const { status, body } = await running.call("GET", "/api/disk");
  const disk = body as DiskAnswer;
  expect(status).toBe(200);
  expect(disk.sessions).toEqual([
    { sessionId: session.id, workspaceBytes: 12_345, checkpointBytes: expect.any(Number) },
  ]);
  expect(disk.sessions[0]?.checkpointBytes).toBeGreaterThan(1000);
  for (const bytes of [disk.mirrorsBytes, disk.databaseBytes, disk.freeBytes]) expect(bytes).toBeGreaterThan(1000);
});

test("with a full disk a prompt fails with what to do; with room again the next one is answered", async () => {
  let freeBytes = 2 ** 30;
  const running = (server = await startTestServer({ onTurn: oneTurn, readFreeBytes: async () => freeBytes }));
  const path = makeRepository(running.reposDir, "example");
  const body = { repository: path, model: "demo/scripted", prompt: { text: "work" } };
  const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
  const watcher = await running.watch(session.id, 0);
  expect((await watcher.waitForEvent("prompt.failed")).data).toEqual({
    code: "storage.failed",
    message: expect.stringMatching(/Only 1\.0 GiB are free where .* delete/),
  });
  expect(running.provider.containers.size).toBe(0);

  freeBytes = 3 * 2 ** 30;
  await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
  await watcher.waitForEvent("prompt.completed");
});

test("a sandbox over its share is stopped although the engine was away at that moment, also by the next server", async () => {
  const clock = movableClock();
  const running = (server = await startTestServer({
    ...{ onTurn: oneTurn, clock },
    env: { SANDBOX_DISK: "1g", IDLE_TIMEOUT_MS: "300000" },
  }));
  const { session } = await workedSession(running);
  const { provider } = running;
  const { stop } = provider;
  const refused = new Promise<void>((resolve) => {
    provider.stop = async (handle, graceMs) => {
      // By the time it is there again, the session holds less.
      provider.volumes.delete(session.id);
      provider.trouble = "engine";
      resolve();
      await stop(handle, graceMs);
    };
  });
  provider.volumes.set(session.id, 2 * 2 ** 30);
  clock.move(2 * 60_000);
  await refused;
  const sandboxOf = async (one: TestServer): Promise<unknown> =>
    ((await one.call("GET", `/api/sessions/${session.id}`)).body as { session: Session }).session.sandbox;
  const over = expect.stringContaining("SANDBOX_DISK");
  expect(await sandboxOf(running)).toMatchObject({ status: "stopping", reason: over });

  provider.stop = stop;
  const again = (server = await running.restart());
  const watcher = await again.watch(session.id, 0);
  provider.trouble = undefined;
  expect((await watcher.waitForEvent("sandbox.stopped")).data).toMatchObject({ reason: over });
  expect(await sandboxOf(again)).toMatchObject({ status: "stopped" });
});
