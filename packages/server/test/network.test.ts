import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { afterEach, expect, test } from "vitest";
import { connectToAny } from "../src/egress/tunnel-client.ts";
import type { FakeTurn } from "../src/testing/fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "../src/testing/test-server.ts";

let server: TestServer | undefined;
const closing: (() => void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await server?.close();
  server = undefined;
});

const idsOf = (turn: FakeTurn) => ({ promptId: turn.deliver.promptId, turnId: turn.deliver.turnId });

/** A session whose turns run until they are let go, and a site that every public name leads to. */
async function open(deps: { env?: Record<string, string>; body?: object } = {}) {
  const ends: (() => void)[] = [];
  const site = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("hello");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  closing.push(() => site.close());
  const resolve = async (host: string) => [host.startsWith("inside.") ? "10.0.0.5" : "93.184.216.34"];
  const running = (server = await startTestServer({
    onTurn: async (turn) => {
      await turn.supervisor.report({ kind: "turn.started", ...idsOf(turn), messageId: "msg_1" });
      await new Promise<void>((end) => ends.push(end));
      await turn.supervisor.report({ kind: "turn.ended", ...idsOf(turn), outcome: "completed", durationMs: 1 });
    },
    dialer: {
      resolve,
      resolveBriefly: resolve,
      connect: (_addresses, _port, signal) => connectToAny(["127.0.0.1"], (site.address() as AddressInfo).port, signal),
    },
    ...(deps.env && { env: deps.env }),
  }));
  const repository = makeRepository(running.reposDir, "example");
  const make = async (body: object = {}) => {
    const order = { repository, model: "demo/scripted", prompt: { text: "first" }, ...body };
    return ((await running.call("POST", "/api/sessions", order)).body as { session: Session }).session;
  };
  const session = await make(deps.body);
  const watcher = await running.watch(session.id, 0);
  await watcher.waitForEvent("prompt.started");
  const path = `/api/sessions/${session.id}`;
  return { running, session, watcher, path, ends, make };
}

const read = async (path: string) =>
  (await (server as TestServer).call("GET", path)).body as { session: Session; prompts: Prompt[] };

interface Tunnel {
  status: number;
  words: string;
  closed: Promise<void>;
}

/** A CONNECT as the session's supervisor makes it. */
async function dial(sessionId: string, target: string): Promise<Tunnel> {
  const containers = [...(server as TestServer).provider.containers.values()];
  const hubDirectory = containers.findLast((one) => one.sessionId === sessionId)?.order.hubDirectory ?? "";
  const outgoing = request({
    socketPath: join(hubDirectory, "hub.sock"),
    method: "CONNECT",
    path: target,
    headers: { authorization: `Bearer ${readFileSync(join(hubDirectory, "token"), "utf8")}` },
  });
  return new Promise((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("connect", (answer, socket: Duplex) => {
      closing.push(() => socket.destroy());
      const closed = new Promise<void>((done) => socket.once("close", () => done()));
      socket.on("error", () => undefined).resume();
      resolve({ status: answer.statusCode ?? 0, words: answer.statusMessage ?? "", closed });
    });
    outgoing.end();
  });
}

async function openCard(path: string, host: string): Promise<string> {
  const { blockedHosts } = (await read(path)).session;
  return blockedHosts.find((card) => card.host === host)?.requestId ?? "no card";
}

test("a blocked host becomes one card, is allowed for the session, and reached at once", async () => {
  const { running, session, watcher, path } = await open();
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({
    status: 403,
    words: expect.stringContaining("api.example.com is not on the list of allowed hosts; the user was asked"),
  });
  await dial(session.id, "api.example.com:443");
  const { blockedHosts } = (await read(path)).session;
  expect(blockedHosts).toMatchObject([{ host: "api.example.com", port: 443, allowable: true, times: 1 }]);
  expect((await watcher.waitForEvent("egress.blocked")).promptId).toBeDefined();

  const answer = `${path}/egress/${await openCard(path, "api.example.com")}`;
  const allowed = await running.call("POST", answer, { allow: "session" });
  expect(allowed).toMatchObject({
    status: 200,
    body: { session: { blockedHosts: [], allowedHosts: ["api.example.com"] } },
  });
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 200 });
  expect(await dial(session.id, "sub.api.example.com:443")).toMatchObject({ status: 403 });
  const again = await running.call("POST", answer, { allow: "session" });
  expect(again).toMatchObject({ status: 409, body: { error: { code: "egress.not-open" } } });

  // Taken back: what is open is cut.
  const tunnel = await dial(session.id, "api.example.com:443");
  await running.call("PUT", `${path}/allowed-hosts`, { hosts: ["*.example.org"] });
  await tunnel.closed;
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 403 });
  expect(await dial(session.id, "a.example.org:443")).toMatchObject({ status: 200 });
  const wrong = await running.call("PUT", `${path}/allowed-hosts`, { hosts: ["127.0.0.1"] });
  expect(wrong).toMatchObject({ status: 400, body: { error: { code: "request.invalid" } } });
});

test("allowed once: until the turn ends, over a restart, and asked anew after it", async () => {
  const { running, session, path, ends } = await open();
  await dial(session.id, "api.example.com:443");
  await running.call("POST", `${path}/egress/${await openCard(path, "api.example.com")}`, { allow: "once" });
  expect((await read(path)).session).toMatchObject({ blockedHosts: [], allowedHosts: [] });
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 200 });

  server = await running.restart();
  const watcher = await server.watch(session.id, 0);
  const [container] = server.provider.containers.values();
  await container?.supervisor?.reconnect();
  const tunnel = await dial(session.id, "api.example.com:443");
  expect(tunnel.status).toBe(200);

  ends.shift()?.();
  await watcher.waitForEvent("prompt.completed");
  await tunnel.closed;
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 403 });
  const card = await openCard(path, "api.example.com");
  server = await server.restart();
  expect(await openCard(path, "api.example.com")).toBe(card);

  // No turn runs: it holds for the next one, which telling the agent begins.
  await container?.supervisor?.reconnect();
  const next = await server.watch(session.id);
  expect(await server.call("POST", `${path}/egress/${card}`, { allow: "once", tellAgent: true })).toMatchObject({
    status: 200,
  });
  await next.waitForEvent("prompt.started");
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 200 });
  ends.shift()?.();
  await next.waitForEvent("prompt.completed");
  expect(await dial(session.id, "api.example.com:443")).toMatchObject({ status: 403 });
});

test("allowed for the repository: a setting, for its other sessions too, whose cards go", async () => {
  const { running, session, path, make } = await open();
  const other = await make();
  const watcher = await running.watch(other.id, 0);
  await watcher.waitForEvent("prompt.started");
  for (const { id } of [session, other]) await dial(id, "api.example.com:443");
  await running.call("POST", `${path}/egress/${await openCard(path, "api.example.com")}`, { allow: "repository" });

  await watcher.waitForEvent("egress.dismissed");
  expect((await read(`/api/sessions/${other.id}`)).session.blockedHosts).toEqual([]);
  for (const { id } of [session, other]) {
    expect(await dial(id, "api.example.com:443")).toMatchObject({ status: 200 });
  }
  const repository = session.repository.id;
  const settings = await running.call("GET", `/api/settings?repository=${repository}`);
  expect((settings.body as { settings: object[] }).settings).toContainEqual(
    expect.objectContaining({ key: "network.hosts", value: ["api.example.com"], source: "repository" }),
  );
  const tunnel = await dial(other.id, "api.example.com:443");
  await running.call("PUT", "/api/settings", { repository, reset: ["network.hosts"] });
  await tunnel.closed;
});

test("put away: no card again in this turn; the agent is told on the user's word, in the turn that runs", async () => {
  const { running, session, path, ends, watcher } = await open();
  const [container] = running.provider.containers.values();
  const steered = container?.supervisor?.waitFor("prompt.steer");
  await dial(session.id, "api.example.com:443");
  const card = await openCard(path, "api.example.com");
  await running.call("POST", `${path}/egress/${card}`, { allow: null, tellAgent: true });
  expect(await steered).toMatchObject({ text: "The sandbox may not reach api.example.com. Go on without it." });
  // Another port of it is refused anew, and written down, but not asked about.
  expect(await dial(session.id, "api.example.com:80")).toMatchObject({ status: 403 });
  const { events } = (await running.call("GET", `${path}/events?limit=1000`)).body as { events: SessionEvent[] };
  expect(events.findLast(({ type }) => type === "egress.blocked")?.data).not.toHaveProperty("requestId");
  expect((await read(path)).session.blockedHosts).toEqual([]);
  ends.shift()?.();
  await watcher.waitForEvent("prompt.completed");
  await dial(session.id, "api.example.com:22");
  expect((await read(path)).session.blockedHosts).toMatchObject([{ host: "api.example.com", port: 22 }]);
});

test("what nothing can allow says so", async () => {
  const { running, session, path } = await open({ body: { networkMode: "open" } });
  expect(await dial(session.id, "anything.example.com:443")).toMatchObject({ status: 200 });
  const targets = ["anything.example.com:22", "inside.example.com:443", "nas.local:443", "169.254.169.254:80"];
  for (const target of targets) expect(await dial(session.id, target)).toMatchObject({ status: 403 });
  const { blockedHosts } = (await read(path)).session;
  expect(blockedHosts.map(({ host }) => host)).toEqual([
    "anything.example.com",
    "inside.example.com",
    "nas.local",
    "169.254.169.254",
  ]);
  for (const { requestId, allowable } of blockedHosts) {
    expect(allowable).toBe(false);
    const answer = await running.call("POST", `${path}/egress/${requestId}`, { allow: "session" });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "request.invalid" } } });
    expect(await running.call("POST", `${path}/egress/${requestId}`, { allow: null })).toMatchObject({ status: 200 });
  }
  expect((await read(path)).session).toMatchObject({ blockedHosts: [], allowedHosts: [] });
});

test("the mode is the session's: from the settings, changed while it runs, taken along by a fork", async () => {
  const { running, session, path, make } = await open();
  expect(session.networkMode).toBe("allowlist");
  const repository = session.repository.id;
  await running.call("PUT", "/api/settings", { repository, values: { "network.mode": "none" } });
  expect((await make({ prompt: undefined })).networkMode).toBe("none");

  const tunnel = await dial(session.id, "registry.npmjs.org:443");
  expect(tunnel.status).toBe(200);
  await dial(session.id, "api.example.com:443");
  expect((await running.call("PATCH", path, { networkMode: "none" })).body).toMatchObject({
    session: { networkMode: "none" },
  });
  await tunnel.closed;
  expect((await read(path)).session.blockedHosts).toEqual([]);
  expect(await dial(session.id, "registry.npmjs.org:443")).toMatchObject({
    status: 403,
    words: expect.stringContaining("this sandbox has no network"),
  });
  expect((await read(path)).session.blockedHosts).toMatchObject([{ host: "registry.npmjs.org", allowable: false }]);

  await running.call("PUT", `${path}/allowed-hosts`, { hosts: ["api.example.com"] });
  const forked = await running.call("POST", `${path}/fork`, {});
  expect(forked.body).toMatchObject({ session: { networkMode: "none", allowedHosts: ["api.example.com"] } });
});

test("a session of a server from before keeps the mode of that server", async () => {
  const { running, session, path } = await open({ env: { SANDBOX_NETWORK: "none" } });
  const { default: Database } = await import("better-sqlite3");
  const forget = (): void => {
    const db = new Database(join(running.dataDir, "data.db"));
    db.prepare("UPDATE sessions SET details = json_remove(details, '$.networkMode') WHERE id = ?").run(session.id);
    db.close();
  };
  forget();
  // Without the repair a row without a mode is read as one with the list of registries.
  expect((await read(path)).session.networkMode).toBe("allowlist");
  server = await running.restart();
  expect((await read(path)).session.networkMode).toBe("none");
});
