import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import type { HubFrame, Report } from "@background-agents/shared/protocol/supervisor-frames";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { pino } from "pino";
import { WebSocket } from "ws";
import { startSandboxHub, type HubListen, type HubRoutes, type SandboxHub } from "./sandbox-hub.ts";
import { openSupervisorLink, type SupervisorLink } from "./supervisor-link.ts";
import { frameText } from "../lib/frame-text.ts";

const log = pino({ level: "silent" });
const boot = newId("boot");
const sessionId = newId("session");
const TOKEN = "the-right-token";
const directories: string[] = [];
let hub: SandboxHub | undefined;
/** What the hub says to a supervisor as soon as it greeted. */
let onGreeted: (link: SupervisorLink) => void = () => undefined;

afterEach(async () => {
  onGreeted = () => undefined;
  await hub?.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

interface Heard {
  reports: Report[];
  refuse: boolean;
  bundles: string[];
}

async function start(kind: "unix" | "tcp", heard: Heard): Promise<SandboxHub> {
  const directory = mkdtempSync(join(tmpdir(), "hub-"));
  directories.push(directory);
  const listen: HubListen =
    kind === "unix" ? { kind, path: join(directory, "hub.sock") } : { kind, host: "127.0.0.1", port: 0 };
  const routes: HubRoutes = {
    control: (socket) => {
      const link = openSupervisorLink(socket, {
        boot,
        spec: {} as never,
        lastReport: heard.reports.length,
        onReport: (report) => {
          if (heard.refuse) throw new Error("disk full");
          heard.reports.push(report);
        },
        onTransient: () => undefined,
        onConnected: () => onGreeted(link),
        onClosed: () => undefined,
        silenceMs: 60_000,
        log,
      });
    },
    llm: ({ response, path }) => response.end(`llm ${path}`),
    agentGit: async ({ response, url }) => void response.end(`${url.pathname}${url.search}`),
    connect: ({ socket }) => socket.write("HTTP/1.1 200 OK\r\n\r\n"),
    bundle: async (upload) => {
      heard.bundles.push(upload.checkpointId);
      upload.body.resume();
      return { ok: true };
    },
    live: async ({ body }) => void body.resume(),
    conversation: async (_id, body) => void body.resume(),
    restore: async ({ what }) => (what === "bundle" ? Readable.from(["the bundle"]) : undefined),
    blob: async (_hash, body) => void body.resume(),
    secrets: () => ({ env: { TOKEN: "value" } }),
    preview: ({ tunnelId, socket }) => {
      heard.bundles.push(tunnelId);
      socket?.end("HTTP/1.1 409 Heard\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    },
  };
  const tokenHash = createHash("sha256").update(TOKEN).digest("hex");
  hub = await startSandboxHub({ sessionId, boot, tokenHash, routes, log }, listen);
  return hub;
}

const target = (listen: HubListen): RequestOptions =>
  listen.kind === "unix" ? { socketPath: listen.path } : { host: listen.host, port: listen.port };

function ask(listen: HubListen, options: RequestOptions): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target(listen), headers: { authorization: `Bearer ${TOKEN}` }, ...options });
    outgoing.on("response", (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    outgoing.on("connect", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, text: "" });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

function dial(listen: HubListen, token = TOKEN): WebSocket {
  const options = { headers: { authorization: `Bearer ${token}` } };
  if (listen.kind === "tcp") return new WebSocket(`ws://${listen.host}:${listen.port}/control`, options);
  return new WebSocket("ws://hub/control", { ...options, createConnection: () => connect(listen.path) });
}

/** Sends the frames after the socket opened and collects what comes until it closes, or until `enough`. */
function converse(socket: WebSocket, frames: unknown[], enough = (_got: unknown[]): boolean => false) {
  return new Promise<{ got: { type: string }[]; code: number | undefined }>((resolve) => {
    const got: { type: string }[] = [];
    socket.on("open", () =>
      frames.forEach((frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame))),
    );
    socket.on("message", (data) => {
      got.push(JSON.parse(frameText(data)) as { type: string });
      if (enough(got)) {
        socket.terminate();
        resolve({ got, code: undefined });
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", (code) => resolve({ got, code }));
  });
}

const hello = { type: "hello", protocolVersion: SUPERVISOR_PROTOCOL_VERSION, boot };
const report = (number: number) => ({
  type: "report",
  report: number,
  at: "2026-01-01T00:00:00.000Z",
  body: { kind: "boot.phase", phase: "clone" },
});

describe.each(["unix", "tcp"] as const)("over %s", (kind) => {
  test("supervisor routes answer to the boot's token, and to nothing else", async () => {
    const heard: Heard = { reports: [], refuse: false, bundles: [] };
    const { listen } = await start(kind, heard);
    const wrong = { headers: { authorization: "Bearer wrong" } };
    expect(await ask(listen, { path: "/llm/demo/v1/messages?x=1" })).toEqual({
      status: 200,
      text: "llm demo/v1/messages?x=1",
    });
    expect((await ask(listen, { path: "/llm/demo/v1/messages", ...wrong })).status).toBe(401);
    expect(await ask(listen, { path: "/git/push/1?branch=b", method: "PUT" })).toEqual({
      status: 200,
      text: "/git/push/1?branch=b",
    });
    expect((await ask(listen, { path: "/git/refs", ...wrong })).status).toBe(401);
    expect((await ask(listen, { path: "/gh", method: "POST", ...wrong })).status).toBe(401);
    expect((await ask(listen, { path: "/llm/demo/v1/messages", headers: {} })).status).toBe(401);
    expect((await ask(listen, { path: "/api/sessions", method: "PUT" })).status).toBe(404);
    expect((await ask(listen, { path: "/bundle/x", method: "GET" })).status).toBe(404);
    expect(await ask(listen, { path: "/restore/bundle" })).toEqual({ status: 200, text: "the bundle" });
    expect((await ask(listen, { path: "/restore/conversation" })).status).toBe(404);
    expect((await ask(listen, { path: "/restore/..%2fdata.db" })).status).toBe(400);
    expect((await ask(listen, { path: "/restore/bundle", ...wrong })).status).toBe(401);
    expect((await ask(listen, { path: "/preview/4711", method: "DELETE" })).status).toBe(204);
    expect((await ask(listen, { path: "/preview/4712", method: "DELETE", ...wrong })).status).toBe(401);
    const right = { authorization: `Bearer ${TOKEN}` };
    const upgrade = { connection: "Upgrade", upgrade: "background-agents-preview" };
    expect((await ask(listen, { path: "/preview/abc", headers: { ...right, ...upgrade } })).status).toBe(409);
    expect((await ask(listen, { path: "/preview/..%2f", headers: { ...right, ...upgrade } })).status).toBe(404);
    expect((await ask(listen, { path: "/preview/abd", headers: { ...wrong.headers, ...upgrade } })).status).toBe(401);
    expect((await ask(listen, { path: "registry.npmjs.org:443", method: "CONNECT" })).status).toBe(200);
    expect((await ask(listen, { path: "registry.npmjs.org:443", method: "CONNECT", ...wrong })).status).toBe(401);
  });

  test("closing does not wait for tunnels and links that are open", async () => {
    const { listen, close } = await start(kind, { reports: [], refuse: false, bundles: [] });
    const socket = dial(listen);
    const tunnel = request({
      ...target(listen),
      method: "CONNECT",
      path: "registry.npmjs.org:443",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const opened = new Promise<Socket>((resolve) =>
      tunnel.once("connect", (_answer, stream: Socket) => resolve(stream)),
    );
    tunnel.end();
    const stream = await opened;
    stream.on("error", () => undefined);
    socket.on("error", () => undefined);
    await close();
    hub = undefined;
    expect(await new Promise((resolve) => stream.once("close", () => resolve("closed")).resume())).toBe("closed");
  });

  test("an upload with a path in its id, or without its turn, is refused before anything reads it", async () => {
    const heard: Heard = { reports: [], refuse: false, bundles: [] };
    const { listen } = await start(kind, heard);
    const query = `turn=${newId("turn")}&prompt=${newId("prompt")}&commit=${"a".repeat(40)}`;
    const put = (path: string) => ask(listen, { path, method: "PUT" });
    expect((await put(`/bundle/..%2f..%2fetc?${query}`)).status).toBe(400);
    expect((await put(`/bundle/${newId("checkpoint")}`)).status).toBe(400);
    expect((await put(`/blob/${"z".repeat(64)}`)).status).toBe(400);
    expect(heard.bundles).toEqual([]);
    expect((await put(`/bundle/${newId("checkpoint")}?${query}`)).status).toBe(200);
    expect(heard.bundles).toHaveLength(1);
  });

  test("reports are acked after they were stored, in order; a repetition is acked and not stored again", async () => {
    const heard: Heard = { reports: [], refuse: false, bundles: [] };
    const { listen } = await start(kind, heard);
    const { got } = await converse(
      dial(listen),
      [hello, report(1), report(2), report(1), report(2)],
      (frames) => frames.length === 6,
    );
    expect(got.map((frame) => frame.type)).toEqual(["welcome", "ack", "ack", "ack", "ack", "ack"]);
    expect(heard.reports.map((one) => one.report)).toEqual([1, 2]);
  });

  test("what could not be stored is not acked, and the link ends so that it is sent again", async () => {
    const heard: Heard = { reports: [], refuse: true, bundles: [] };
    const { listen } = await start(kind, heard);
    const { got, code } = await converse(dial(listen), [hello, report(1)]);
    expect(got).toEqual([expect.objectContaining({ type: "welcome" }), { type: "ack", report: 0 }]);
    expect(code).toBe(1011);
  });
});

test.each<[string, unknown[]]>([
  ["a report before hello", [report(1)]],
  ["another boot", [{ ...hello, boot: newId("boot") }]],
  ["a newer protocol", [{ ...hello, protocolVersion: 99 }]],
  ["a gap", [hello, report(2)]],
  ["an unknown frame", [hello, { type: "push" }]],
  ["a wrong shape", [hello, { ...report(1), body: { kind: "turn.ended" } }]],
])("%s closes the link", async (_name, frames) => {
  const heard: Heard = { reports: [], refuse: false, bundles: [] };
  const { listen } = await start("unix", heard);
  const { code } = await converse(dial(listen), frames);
  expect(code).toBe(1008);
  expect(heard.reports).toEqual([]);
});

const RUN_SETUP: HubFrame = { type: "setup.run" };

test.each([
  [SUPERVISOR_PROTOCOL_VERSION, false, ["welcome", "ack", "setup.run", "shutdown"]],
  [SUPERVISOR_PROTOCOL_VERSION - 1, true, ["welcome", "ack", "shutdown"]],
])("a supervisor of version %i is served in its own version", async (protocolVersion, outdated, expected) => {
  const { listen } = await start("unix", { reports: [], refuse: false, bundles: [] });
  const said: unknown[] = [];
  onGreeted = (link) => said.push(link.isOutdated(), link.send(RUN_SETUP), link.send({ type: "shutdown" }));
  const frames = [{ ...hello, protocolVersion }];
  const { got } = await converse(dial(listen), frames, (heard) => heard.length === expected.length);
  expect(got.map((frame) => frame.type)).toEqual(expected);
  expect(got[0]).toMatchObject({ protocolVersion });
  expect(said).toEqual([outdated, !outdated, true]);
});

test.each([
  [0, "older"],
  [SUPERVISOR_PROTOCOL_VERSION + 1, "newer"],
])("a supervisor of version %i is refused and told why", async (protocolVersion, why) => {
  const { listen } = await start("unix", { reports: [], refuse: false, bundles: [] });
  const { got, code } = await converse(dial(listen), [{ ...hello, protocolVersion }]);
  expect(got).toEqual([{ type: "refused", message: expect.stringContaining(why) as string }]);
  expect(code).toBe(1008);
});

test("no JSON, a frame over 4 MiB and a wrong token get no further", async () => {
  const heard: Heard = { reports: [], refuse: false, bundles: [] };
  const { listen } = await start("unix", heard);
  expect((await converse(dial(listen), [hello, "{"])).code).toBe(1011);
  expect((await converse(dial(listen), [`"${"x".repeat(5 * 2 ** 20)}"`])).code).toBe(1009);
  const { got, code } = await converse(dial(listen, "wrong"), [hello]);
  expect({ got, code }).toEqual({ got: [], code: 1006 });
});
