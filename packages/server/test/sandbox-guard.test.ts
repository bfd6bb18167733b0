import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, test } from "vitest";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

/** What the settings say of a container, and what happens where it is not what was built. */

let server: TestServer | undefined;
afterEach(() => server?.close());

const GIB = 2 ** 30;

async function oneTurn(turn: FakeTurn): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
  await turn.checkpoint("made.txt", turn.deliver.text);
  await turn.supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
}

async function endless(turn: FakeTurn): Promise<void> {
  const ids = { promptId: turn.deliver.promptId, turnId: turn.deliver.turnId };
  await turn.supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
}

async function open(onTurn: (turn: FakeTurn) => Promise<void>, env: Record<string, string> = {}) {
  const running = (server = await startTestServer({ onTurn, env }));
  const path = makeRepository(running.reposDir, "example");
  const { repository } = (await running.call("POST", "/api/repositories", { path })).body as {
    repository: { id: string };
  };
  return { running, path, repository: repository.id };
}

async function create(running: TestServer, path: string) {
  const body = { repository: path, model: "demo/scripted", prompt: { text: "work" } };
  const { session } = (await running.call("POST", "/api/sessions", body)).body as { session: Session };
  return { session, watcher: await running.watch(session.id, 0) };
}

const dataOf = (event: SessionEvent): unknown => event.data;
const orderOf = (running: TestServer) => [...running.provider.containers.values()].at(-1)?.order;

test("a start takes what the settings say then, the repository's before the general ones", async () => {
  const { running, path, repository } = await open(oneTurn, { SANDBOX_MEMORY: "1g", SANDBOX_CPUS: "1" });
  const first = await create(running, path);
  await first.watcher.waitForEvent("branch.published");
  expect(orderOf(running)).toMatchObject({ resources: { memoryBytes: GIB, cpus: 1, runtime: null } });

  const values = { "sandbox.memoryBytes": 2 * GIB, "sandbox.runtime": "runsc", "sandbox.packages": ["jq"] };
  expect((await running.call("PUT", "/api/settings", { repository, values })).status).toBeLessThan(300);
  const second = await create(running, path);
  await second.watcher.waitForEvent("branch.published");
  const order = orderOf(running);
  expect(order?.resources).toEqual({ memoryBytes: 2 * GIB, cpus: 1, runtime: "runsc" });
  expect(running.provider.images.get(order?.image ?? "")).toEqual(["jq"]);
  const log = second.watcher.frames.flatMap((frame) => (frame.type === "log" ? [frame.text] : []));
  expect(log).toContain("Setting up jq\n");
});

test("packages that cannot be had fail the start with apt's words; the next prompt tries again", async () => {
  const { running, path, repository } = await open(oneTurn);
  await running.call("PUT", "/api/settings", { repository, values: { "sandbox.packages": ["nope"] } });
  running.provider.buildError = "Reading package lists...\nE: Unable to locate package nope";
  const { session, watcher } = await create(running, path);
  expect(dataOf(await watcher.waitForEvent("sandbox.failed"))).toMatchObject({
    code: "image.build-failed",
    reason: expect.stringContaining("E: Unable to locate package nope"),
    logTail: expect.stringContaining("Reading package lists"),
  });
  expect(running.provider.containers.size).toBe(0);

  await running.call("PUT", "/api/settings", { repository, reset: ["sandbox.packages"] });
  await running.call("POST", `/api/sessions/${session.id}/prompts`, { text: "again" });
  await watcher.waitForEvent("branch.published");
});

test("a container that was changed is removed at the next comparison, and the work stays", async () => {
  const { running, path } = await open(endless);
  const { session, watcher } = await create(running, path);
  await watcher.waitForEvent("prompt.started");
  running.provider.tamper(session.id, ["HostConfig.Privileged is true, not false"]);
  const again = (server = await running.restart());
  const later = await again.watch(session.id, 0);
  expect(dataOf(await later.waitForEvent("sandbox.failed"))).toMatchObject({
    code: "sandbox.unsafe",
    reason: expect.stringContaining("HostConfig.Privileged is true, not false"),
  });
  expect(dataOf(await later.waitForEvent("prompt.failed"))).toMatchObject({ code: "sandbox.unsafe" });
  expect(again.provider.containers.size).toBe(0);
  expect(again.provider.removedVolumes).toEqual([]);
});
