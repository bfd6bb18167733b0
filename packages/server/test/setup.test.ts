import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, it } from "vitest";
import type { FakeSupervisor, FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer;
afterEach(() => server.close());

/** A session whose first turn is over; its sandbox runs. */
async function startSession() {
  let supervisor: FakeSupervisor | undefined;
  let permission: unknown;
  let onStopped: () => void = () => undefined;
  const untilStopped = new Promise<void>((resolve) => (onStopped = resolve));
  server = await startTestServer({
    onTurn: async ({ supervisor: one, deliver, stopped }: FakeTurn) => {
      supervisor = one;
      ({ permission } = deliver);
      const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
      await one.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      if (deliver.text === "hold") {
        await one.report({ kind: "setup.started", source: "file" });
        await stopped;
        onStopped();
        return;
      }
      await one.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
    },
  });
  const path = makeRepository(server.reposDir, "example");
  const { body: added } = await server.call("POST", "/api/repositories", { path });
  const repository = (added as { repository: { id: string } }).repository.id;
  const values = { "setup.script": "npm ci", "setup.timeoutMs": 20_000, "permissions.mode": "ask" };
  await server.call("PUT", "/api/settings", { repository, values });
  const rules = [{ tool: "bash", pattern: "npm test*", action: "allow" }];
  await server.call("PUT", "/api/settings", { repository, values: { "permissions.rules": rules } });
  const prompt = { text: "go" };
  const { body } = await server.call("POST", "/api/sessions", { repository, model: "demo/scripted", prompt });
  const { id } = (body as { session: Session }).session;
  const watcher = await server.watch(id, 0);
  await watcher.waitForEvent("prompt.completed");
  if (!supervisor) throw new Error("no turn came");
  const get = async () => ((await server.call("GET", `/api/sessions/${id}`)).body as { session: Session }).session;
  return { id, supervisor, watcher, get, permission, untilStopped };
}

it("hands the scripts and the permissions of the settings to the sandbox", async () => {
  const { supervisor, get, ...given } = await startSession();
  expect(supervisor.spec.setup).toEqual({ script: "npm ci", start: null, timeoutMs: 20_000 });
  const permission = { bash: { "*": "ask", "npm test*": "allow" }, edit: "ask" };
  expect(supervisor.spec.opencodeConfig).toMatchObject({ permission });
  expect((await get()).permissionMode).toBe("ask");
  expect(given.permission).toMatchObject(permission);
});

it("runs the setup script again when asked, once for an id, and stops it", async () => {
  const { id, supervisor, watcher, get } = await startSession();
  const again = { id: newId("prompt") };
  expect(await server.call("POST", `/api/sessions/${id}/setup`, again)).toMatchObject({ status: 202 });
  await supervisor.waitFor("setup.run");
  await supervisor.report({ kind: "setup.started", source: "settings", again: true });
  expect(await server.call("POST", `/api/sessions/${id}/setup`, again)).toMatchObject({ status: 202 });
  expect(await server.call("POST", `/api/sessions/${id}/setup`, {})).toMatchObject({ status: 409 });
  expect((await get()).setup).toMatchObject({ status: "running" });

  expect(await server.call("POST", `/api/sessions/${id}/stop`)).toMatchObject({ status: 202 });
  await supervisor.waitFor("setup.stop");
  const end = { outcome: "stopped" as const, exitCode: null, durationMs: 5, logTail: "begun\n" };
  await supervisor.report({ kind: "setup.ended", ...end });
  expect((await watcher.waitForEvent("setup.ended")).data).toEqual(end);
  expect((await get()).setup).toMatchObject({ status: "stopped", logTail: "begun\n" });
});

it("stops a turn although its sandbox says that it sets up", async () => {
  const { id, watcher, untilStopped } = await startSession();
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "hold" });
  await watcher.waitForEvent("setup.started");
  await server.call("POST", `/api/sessions/${id}/stop`);
  await untilStopped;
  expect((await watcher.waitForEvent("prompt.stopping")).actor).toBe("user");
});

it("says that the script ended where its sandbox did", async () => {
  const { supervisor, watcher, get, id } = await startSession();
  await supervisor.report({ kind: "setup.started", source: "file" });
  server.provider.kill(id, 137);
  await watcher.waitForEvent("sandbox.failed");
  expect((await get()).setup).toMatchObject({ status: "stopped" });
  const refused = await server.call("POST", `/api/sessions/${id}/setup`, {});
  expect(refused).toMatchObject({ status: 409, body: { error: { code: "sandbox.not-running" } } });
});
