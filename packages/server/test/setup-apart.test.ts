import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, it } from "vitest";
import type { FakeSupervisor, FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer, type Watcher } from "../src/testing/test-server.ts";

const VALUE = "deploy-7c41d9e02b";

let server: TestServer;
afterEach(() => server.close());

interface Container {
  task: SandboxSpec["task"];
  spec: SandboxSpec;
  env: Record<string, string>;
  /** How many containers the session had then. */
  running: number;
}

/** A server whose containers tell what they were for and given; the repository's setup script has a secret of its own. */
async function start(
  options: {
    onSetup?: (supervisor: FakeSupervisor) => Promise<void>;
    file?: boolean;
    env?: Record<string, string>;
  } = {},
) {
  const containers: Container[] = [];
  const turns: FakeTurn[] = [];
  const note = async (supervisor: FakeSupervisor): Promise<void> => {
    const { env } = JSON.parse((await supervisor.get("/secrets")).body.toString()) as { env: Record<string, string> };
    const { spec } = supervisor;
    const ours = [...server.provider.containers.values()].filter(({ sessionId }) => sessionId === spec.sessionId);
    containers.push({ task: spec.task, spec, env, running: ours.filter(({ running }) => running).length });
  };
  server = await startTestServer({
    ...(options.env && { env: options.env }),
    onTurn: async (turn) => {
      const { supervisor, deliver } = turn;
      await note(supervisor);
      turns.push(turn);
      const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
      await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      if (deliver.text === "hold") return;
      await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
    },
    onSetup: async (supervisor) => {
      await note(supervisor);
      await (options.onSetup ?? runWell)(supervisor);
    },
  });
  const path = makeRepository(server.reposDir, "example");
  if (options.file) {
    mkdirSync(join(path, ".background-agents"));
    writeFileSync(join(path, ".background-agents/setup.sh"), "npm ci\n");
    execFileSync("git", ["-C", path, "add", "-A"]);
    execFileSync("git", ["-C", path, "commit", "--quiet", "-m", "Set up"]);
  }
  const { body } = await server.call("POST", "/api/repositories", { path });
  const repository = (body as { repository: { id: string } }).repository.id;
  if (!options.file) await server.call("PUT", "/api/settings", { repository, values: { "setup.script": "npm ci" } });
  await putSecret(repository, "DEPLOY_TOKEN", { value: VALUE, audience: "setup" });
  await putSecret(repository, "API_TOKEN", { value: "for-the-agent" });
  return { repository, containers, turns };
}

const putSecret = (repository: string, name: string, body: object) =>
  server.call("PUT", `/api/secrets/${name}?repository=${repository}`, body);

async function runWell({ report }: FakeSupervisor): Promise<void> {
  await report({ kind: "setup.started", source: "settings" });
  await report({ kind: "secrets.given", names: ["API_TOKEN", "DEPLOY_TOKEN"] });
  await report({ kind: "setup.ended", outcome: "ok", exitCode: 0, durationMs: 5, logTail: `got ${VALUE}` });
}

async function startSession(repository: string, text = "go"): Promise<{ id: SessionId; watcher: Watcher }> {
  const order = { repository, model: "demo/scripted", prompt: { text } };
  const { body } = await server.call("POST", "/api/sessions", order);
  const { id } = (body as { session: Session }).session;
  return { id, watcher: await server.watch(id, 0) };
}

const get = async (id: string) =>
  ((await server.call("GET", `/api/sessions/${id}`)).body as { session: Session }).session;

const count = (watcher: Watcher, type: string) => watcher.events.filter((event) => event.type === type).length;

/** Resolves when the log has so many events of the type. */
const untilCount = (watcher: Watcher, type: string, wanted: number) =>
  watcher.waitFor(() => count(watcher, type) >= wanted);

it("runs the script in a container of its own first, which alone has its secrets", async () => {
  const { repository, containers } = await start();
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  expect(containers.map(({ task, env }) => [task, env])).toEqual([
    ["setup", { API_TOKEN: "for-the-agent", DEPLOY_TOKEN: VALUE }],
    [undefined, { API_TOKEN: "for-the-agent" }],
  ]);
  expect(containers.map(({ spec }) => spec.setup?.elsewhere)).toEqual([undefined, true]);
  expect(containers.map(({ running }) => running)).toEqual([1, 1]);
  const { setup, secretNames, sandbox } = await get(id);
  expect(setup).toMatchObject({ status: "ok", apart: true, logTail: "got [secret DEPLOY_TOKEN]" });
  expect(setup?.secretNames).toEqual(["API_TOKEN", "DEPLOY_TOKEN"]);
  expect([secretNames, sandbox.status]).toEqual([[], "ready"]);
  expect(JSON.stringify(watcher.frames)).not.toContain(VALUE);
  expect([count(watcher, "setup.started"), count(watcher, "setup.ended")]).toEqual([1, 1]);

  // Another container of the same session has nothing left to set up.
  server.provider.kill(id, 1);
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "again" });
  await untilCount(watcher, "prompt.completed", 2);
  expect(containers.map(({ task }) => task)).toEqual(["setup", undefined, undefined]);
});

it("takes one place for both, one after the other", async () => {
  const { repository } = await start({ env: { MAX_RUNNING_SESSIONS: "1" } });
  const [one, two] = [await startSession(repository), await startSession(repository)];
  await one.watcher.waitForEvent("prompt.completed");
  await two.watcher.waitForEvent("prompt.completed");
  expect([count(one.watcher, "setup.ended"), count(two.watcher, "setup.ended")]).toEqual([1, 1]);
});

it("needs a script at the base, and a secret that the agent does not get", async () => {
  const { repository, containers } = await start({ file: true });
  await (await startSession(repository)).watcher.waitForEvent("prompt.completed");
  expect(containers.map(({ task }) => task)).toEqual(["setup", undefined]);

  await putSecret(repository, "DEPLOY_TOKEN", { audience: "agent" });
  await (await startSession(repository)).watcher.waitForEvent("prompt.completed");
  expect(containers.at(-1)).toMatchObject({ task: undefined, env: { DEPLOY_TOKEN: VALUE } });
  expect(containers).toHaveLength(3);
});

it("runs it again for the user between turns, in place of the agent's container", async () => {
  const { repository, containers } = await start();
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "hold" });
  await untilCount(watcher, "prompt.started", 2);
  const refused = await server.call("POST", `/api/sessions/${id}/setup`, {});
  expect(refused).toMatchObject({ status: 409, body: { error: { code: "session.busy" } } });
  server.provider.kill(id, 1);
  await watcher.waitForEvent("prompt.failed");
  expect((await server.call("POST", `/api/sessions/${id}/resume`)).status).toBe(202);
  await untilCount(watcher, "sandbox.ready", 2);

  expect((await server.call("POST", `/api/sessions/${id}/setup`, {})).status).toBe(202);
  expect((await server.call("POST", `/api/sessions/${id}/setup`, {})).status).toBe(409);
  // The agent's container was up, so it is again.
  await untilCount(watcher, "sandbox.ready", 3);
  expect(containers.map(({ task }) => task)).toEqual(["setup", undefined, undefined, "setup"]);
  expect([count(watcher, "setup.started"), count(watcher, "setup.ended")]).toEqual([2, 2]);
  expect((await get(id)).setup).toMatchObject({ status: "ok", apart: true });
});

it("goes on with the agent where the script's container died, and says so once", async () => {
  const { repository } = await start({
    onSetup: async ({ report, spec }) => {
      await report({ kind: "setup.started", source: "settings" });
      server.provider.kill(spec.sessionId, 137);
    },
  });
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  const ended = watcher.events.filter(({ type }) => type === "setup.ended");
  expect(ended.map(({ data }) => data)).toMatchObject([{ outcome: "failed", exitCode: null }]);
  expect((await get(id)).setup?.logTail).toContain("the container ended with exit code 137");
});

it("is ended by the user's stop, and the prompt goes on", async () => {
  const { repository } = await start({
    onSetup: async ({ report, waitFor }) => {
      await report({ kind: "setup.started", source: "settings" });
      await waitFor("setup.stop");
      await report({ kind: "setup.ended", outcome: "stopped", exitCode: null, durationMs: 5, logTail: "" });
    },
  });
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("setup.started");
  expect((await server.call("POST", `/api/sessions/${id}/stop`)).status).toBe(202);
  await watcher.waitForEvent("prompt.completed");
  expect((await get(id)).setup).toMatchObject({ status: "stopped" });
});

it("is taken over by a restarted server, with the secrets it is for", async () => {
  let supervisor: FakeSupervisor | undefined;
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const { repository, containers } = await start({
    onSetup: async (one) => {
      supervisor = one;
      await one.report({ kind: "setup.started", source: "settings" });
      await held;
      await runWell(one);
    },
  });
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("setup.started");
  server = await server.restart();
  await supervisor?.reconnect();
  const given = await supervisor?.get("/secrets");
  expect(given?.body.toString()).toContain(VALUE);
  goOn();
  const after = await server.watch(id, 0);
  await after.waitForEvent("prompt.completed");
  expect([count(after, "setup.started"), count(after, "setup.ended")]).toEqual([1, 1]);
  expect(containers.map(({ task }) => task)).toEqual(["setup", undefined]);
});

it("ends once where its container went while no server was there", async () => {
  const { repository } = await start({
    onSetup: async ({ report }) => {
      await report({ kind: "setup.started", source: "settings" });
      await new Promise(() => undefined);
    },
  });
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("setup.started");
  for (const { supervisor } of server.provider.containers.values()) supervisor?.close();
  server.provider.containers.clear();
  server = await server.restart();
  const after = await server.watch(id, 0);
  await after.waitForEvent("prompt.completed");
  expect(after.events.filter(({ type }) => type === "setup.ended").map(({ data }) => data)).toMatchObject([
    { outcome: "failed", logTail: expect.stringContaining("was gone when the server looked") as string },
  ]);
});

it("says where it could not be run again, and leaves the session usable", async () => {
  const { repository } = await start();
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  server.provider.trouble = "image";
  expect((await server.call("POST", `/api/sessions/${id}/setup`, {})).status).toBe(202);
  await untilCount(watcher, "setup.ended", 2);
  expect((await get(id)).setup).toMatchObject({
    status: "failed",
    logTail: expect.stringContaining("is missing") as string,
  });
  server.provider.trouble = undefined;
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "again" });
  await untilCount(watcher, "prompt.completed", 2);
});

it("is never had run by an agent that says it runs", async () => {
  const { repository, containers, turns } = await start();
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  await turns[0]?.supervisor.report({ kind: "setup.started", source: "settings", again: true });
  server.provider.kill(id, 1);
  await untilCount(watcher, "setup.ended", 2);
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "again" });
  await untilCount(watcher, "prompt.completed", 2);
  expect(containers.map(({ task, env }) => [task, "DEPLOY_TOKEN" in env])).toEqual([
    ["setup", true],
    [undefined, false],
    [undefined, false],
  ]);
});

it("does not run by itself where an agent had the workspace before", async () => {
  const { repository, containers } = await start();
  await putSecret(repository, "DEPLOY_TOKEN", { audience: "agent" });
  const { id, watcher } = await startSession(repository);
  await watcher.waitForEvent("prompt.completed");
  await putSecret(repository, "DEPLOY_TOKEN", { audience: "setup" });
  server.provider.kill(id, 1);
  await server.call("POST", `/api/sessions/${id}/prompts`, { text: "again" });
  await untilCount(watcher, "prompt.completed", 2);
  expect(containers.map(({ task }) => task)).toEqual([undefined, undefined]);
  expect(containers.at(-1)?.spec.setup).toMatchObject({ elsewhere: true });
});
