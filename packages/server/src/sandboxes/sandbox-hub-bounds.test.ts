import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "@background-agents/shared/ids";
import { pino } from "pino";
import {
  MAX_HUB_CONNECTIONS,
  MAX_HUB_TUNNELS,
  startSandboxHub,
  type HubListen,
  type HubRoutes,
  type SandboxHub,
} from "./sandbox-hub.ts";

const TOKEN = "the-right-token";
const nothing = () => undefined;
const routes: HubRoutes = {
  control: (socket) => socket.close(),
  llm: ({ response }) => response.end(),
  agentGit: async ({ response }) => void response.end(),
  connect({ socket }) {
    socket.resume().on("end", () => socket.end());
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
  },
  ...{ bundle: async () => ({}), live: async () => undefined, conversation: async () => undefined },
  ...{ restore: async () => undefined, blob: async () => undefined, secrets: () => ({ env: {} }), preview: nothing },
};

let directory: string;
let logged: string[];
let sockets: Socket[];
let hub: SandboxHub | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hub-"));
  [logged, sockets] = [[], []];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await hub?.close();
  rmSync(directory, { recursive: true });
});

async function start(kind: string): Promise<HubListen> {
  const log = pino({ level: "warn" }, { write: (line) => logged.push((JSON.parse(line) as { msg: string }).msg) });
  const tokenHash = createHash("sha256").update(TOKEN).digest("hex");
  const listen: HubListen =
    kind === "unix" ? { kind, path: join(directory, "hub.sock") } : { kind: "tcp", host: "127.0.0.1", port: 0 };
  hub = await startSandboxHub({ sessionId: newId("session"), boot: newId("boot"), tokenHash, routes, log }, listen);
  return hub.listen;
}

async function reach(listen: HubListen): Promise<Socket> {
  const socket = listen.kind === "unix" ? connect(listen.path) : connect(listen.port, listen.host);
  sockets.push(socket);
  socket.on("error", nothing);
  await once(socket, "connect");
  return socket;
}

/** Opens a connection for what is asked, and leaves it open; answers the first line of the answer, "" where it is cut. */
async function ask(listen: HubListen, what: string): Promise<string> {
  const socket = await reach(listen).catch(nothing);
  if (!socket) return "";
  socket.write(`${what} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${TOKEN}\r\n`);
  socket.write("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
  socket.write("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const heard = once(socket, "data").then(([chunk]) => String(chunk).split("\r\n")[0] ?? "");
  return Promise.race([heard, once(socket, "close").then(() => "")]).catch(() => "");
}

const TUNNEL = "CONNECT registry.npmjs.org:443";

test.each(["unix", "tcp"])("so many ways out at once over %s, and the link besides", async (kind) => {
  const listen = await start(kind);
  const answers = await Promise.all(Array.from({ length: MAX_HUB_TUNNELS }, () => ask(listen, TUNNEL)));
  expect(new Set(answers)).toEqual(new Set(["HTTP/1.1 200 OK"]));
  expect(await ask(listen, TUNNEL)).toBe("HTTP/1.1 503 Service Unavailable");
  expect(await ask(listen, TUNNEL)).toBe("HTTP/1.1 503 Service Unavailable");
  expect(logged).toEqual([expect.stringContaining("ways out")]);
  expect(await ask(listen, "GET /control")).toBe("HTTP/1.1 101 Switching Protocols");
  sockets[0]?.destroy();
  await expect.poll(() => ask(listen, TUNNEL)).toBe("HTTP/1.1 200 OK");
});

test.each(["unix", "tcp"])("so many connections at once over %s, and a new one when one has ended", async (kind) => {
  const listen = await start(kind);
  // One by one: only so many may wait to be accepted.
  while (sockets.length < MAX_HUB_CONNECTIONS) await reach(listen);
  expect(await ask(listen, "GET /control")).toBe("");
  expect(logged).toEqual([expect.stringContaining("was cut")]);
  sockets[0]?.destroy();
  await expect.poll(() => ask(listen, "GET /control")).toBe("HTTP/1.1 101 Switching Protocols");
});
