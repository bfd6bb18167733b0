import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { pino } from "pino";
import { WebSocket, WebSocketServer } from "ws";
import { MAX_HUB_CONNECTIONS, startSandboxHub, type HubRoutes } from "../../src/sandboxes/sandbox-hub.ts";
import { openSupervisorLink } from "../../src/sandboxes/supervisor-link.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import { ask, type Asked } from "../../src/testing/http-client.ts";

const TOKEN = "the-token-of-this-boot";
const hash = (token: string): string => createHash("sha256").update(token).digest("hex");
const log = pino({ level: "silent" });

interface Hub {
  socketPath: string;
  boot: string;
  /** What got as far as being taken for the supervisor's. */
  heard: string[];
  close(): Promise<void>;
}

/** The real hub with the real link; `accepts` is the token that it takes. */
async function startHub(accepts: string): Promise<Hub> {
  const directory = mkdtempSync(join(tmpdir(), "baa-hub-"));
  const socketPath = join(directory, "hub.sock");
  const [boot, sessionId] = [newId("boot"), newId("session")];
  const heard: string[] = [];
  const hear = async (what: string): Promise<void> => void heard.push(what);
  const routes: HubRoutes = {
    control(socket) {
      openSupervisorLink(socket, {
        ...{ boot, lastReport: 0, silenceMs: 60_000, log },
        spec: {} as never,
        onReport: (report) => void heard.push(report.body.kind),
        onTransient: (frame) => void heard.push(frame.type),
        onConnected: () => void heard.push("connected"),
        onClosed: () => undefined,
      });
    },
    llm: ({ response, path }) => void hear(path).then(() => response.end("in")),
    agentGit: ({ response }) => hear("git").then(() => void response.end("in")),
    connect: ({ socket }) => void socket.end("HTTP/1.1 200 OK\r\n\r\n"),
    bundle: async ({ body }) =>
      hear("bundle")
        .then(() => body.resume())
        .then(() => ({})),
    live: async ({ body }) => hear("live").then(() => void body.resume()),
    conversation: async (_id, body) => hear("conversation").then(() => void body.resume()),
    restore: async () => undefined,
    secrets: () => ({ env: {} }),
    preview: ({ socket }) => void socket?.end(),
    blob: async (_hash, body) => hear("blob").then(() => void body.resume()),
  };
  const hub = await startSandboxHub(
    { ...{ sessionId, boot, routes, log }, tokenHash: hash(accepts) },
    { kind: "unix", path: socketPath },
  );
  return {
    ...{ socketPath, boot, heard },
    async close() {
      await hub.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function withHub(accepts: string, act: (hub: Hub) => Promise<Attempt>): Promise<Attempt> {
  const hub = await startHub(accepts);
  try {
    return await act(hub);
  } finally {
    await hub.close();
  }
}

const judge = ({ status, text }: Asked): Attempt => ({ succeeded: status < 400, said: `${status} ${text}` });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Whoever reaches the socket without this boot's token. Off: a hub that takes what is offered. */
const TOKENS: [name: string, headers: Record<string, string>, offered: string][] = [
  ["without a token", {}, ""],
  ["with a guessed token", bearer("guess"), "guess"],
  ["with another boot's token", bearer("the-token-of-another-boot"), "the-token-of-another-boot"],
];

const tokenCases = TOKENS.flatMap(([name, headers, offered]): AttackCase[] =>
  ["GET /llm/anthropic/v1/models", "PUT /git/push/1", "POST /gh"].map((call) => {
    const [method = "", path = ""] = call.split(" ");
    const send = (hub: Hub) => ask({ at: hub, method, path, headers }).then(judge);
    return {
      ...{ family: "hub", quick: true, name: `${call} ${name}` },
      attack: () => withHub(TOKEN, send),
      control: () => withHub(offered, send),
    };
  }),
);

/** What only a browser with the API's token may ask. Off: a server that answers every path to whoever is connected. */
const apiCases = ["GET /api/sessions", "POST /api/sessions", "GET /api/settings", "GET /metrics"].map(
  (call): AttackCase => {
    const [method = "", path = ""] = call.split(" ");
    return {
      ...{ family: "hub", quick: true, name: `${call} on the hub` },
      attack: () => withHub(TOKEN, (hub) => ask({ at: hub, method, path, headers: bearer(TOKEN) }).then(judge)),
      control: () => withNaive((at) => ask({ at, method, path, headers: bearer(TOKEN) }).then(judge)),
    };
  },
);

const TRAVERSALS = [
  "/blob/..%2f..%2fkept.txt",
  "/bundle/..%2fkept.txt",
  "/conversation/%2e%2e%2fkept.txt",
  "/live/a%00b",
];

const traversalCases = TRAVERSALS.map((path): AttackCase => ({
  ...{ family: "hub", quick: true, name: `upload to ${path}` },
  attack: () =>
    withHub(TOKEN, async (hub) => {
      const answer = await ask({ at: hub, method: "PUT", path, headers: bearer(TOKEN), body: "planted" });
      return { succeeded: hub.heard.length > 0 || answer.status < 400, said: `${answer.status} ${answer.text}` };
    }),
  control: () => withNaive((at) => ask({ at, method: "PUT", path, body: "planted" }).then(judge)),
}));

/** Writes where it is told to, below a directory of its own or not. */
async function withNaive(act: (at: { port: number }) => Promise<Attempt>): Promise<Attempt> {
  const directory = mkdtempSync(join(tmpdir(), "baa-naive-"));
  mkdirSync(join(directory, "below", "here"), { recursive: true });
  const server = createServer((request, response) => {
    request.resume();
    const name = decodeURIComponent(request.url?.split("/").at(-1) ?? "").split("\0")[0] ?? "";
    const path = join(directory, "below", "here", name);
    writeFileSync(path, "planted");
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    return await act({ port: typeof address === "object" && address ? address.port : 0 });
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const hello = (boot: string) => ({ type: "hello", protocolVersion: SUPERVISOR_PROTOCOL_VERSION, boot });
const report = (number: number) => ({
  ...{ type: "report", report: number, at: "2026-01-01T00:00:00.000Z" },
  body: { kind: "boot.phase", phase: "clone" },
});

/** Sends the frames and answers when the hub hung up, or when an honest frame after them came through. */
function converse(hub: Hub, frames: unknown[]): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket("ws://hub/control", {
      headers: bearer(TOKEN),
      createConnection: () => connect(hub.socketPath),
    });
    const said: string[] = [];
    let isOpen = false;
    socket.on("open", () => {
      isOpen = true;
      for (const frame of frames) socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    });
    socket.on("message", (data: Buffer) => {
      said.push(data.toString());
      if (!data.toString().includes('"type":"ack","report":1')) return;
      socket.terminate();
      resolve({ succeeded: true, said: said.join("\n") });
    });
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      if (!isOpen) reject(new Error(`the hub did not even take the socket: ${code}`));
      resolve({ succeeded: false, said: `closed with ${code}: ${said.join("\n")}` });
    });
  });
}

/** Each ends with what an honest supervisor says as its first report; without the forgery before it that is taken. */
const FORGERIES: [name: string, frames: (boot: string) => unknown[]][] = [
  ["speak for another boot", () => [hello(newId("boot")), report(1)]],
  ["report before saying who it is", () => [report(1)]],
  ["leave reports out", (boot) => [hello(boot), report(7), report(1)]],
  ["speak a version that is not there yet", (boot) => [{ ...hello(boot), protocolVersion: 99 }, report(1)]],
  ["greet twice", (boot) => [hello(boot), hello(boot), report(1)]],
  ["give an order that only the API gives", (boot) => [hello(boot), { type: "push.approve" }, report(1)]],
  [
    "send a frame of the wrong shape",
    (boot) => [hello(boot), { ...report(1), body: { kind: "turn.ended" } }, report(1)],
  ],
  ["send no JSON", (boot) => [hello(boot), "{", report(1)]],
  ["send a frame of five mebibytes", (boot) => [hello(boot), `"${"x".repeat(5 * 2 ** 20)}"`, report(1)]],
  ["send a frame nested a hundred thousand times", (boot) => [hello(boot), "[".repeat(100_000), report(1)]],
  ["slip in a prototype", (boot) => [hello(boot), `{"__proto__":{"type":"report"}}`, report(1)]],
  [
    "flood the server with frames",
    (boot) => [hello(boot), ...Array.from({ length: 5000 }, () => ({ type: "pong" })), report(1)],
  ],
];

const forgeryCases = FORGERIES.map(([name, frames]): AttackCase => ({
  ...{ family: "hub", quick: true, name },
  attack: () => withHub(TOKEN, (hub) => converse(hub, frames(hub.boot))),
  // The same hub takes what is honest; and a server without the checks answers, whatever came before.
  async control() {
    const honest = await withHub(TOKEN, (hub) => converse(hub, [hello(hub.boot), report(1)]));
    return honest.succeeded ? withOpenSocket((hub) => converse(hub, frames(hub.boot))) : honest;
  },
}));

async function withOpenSocket(act: (hub: Hub) => Promise<Attempt>): Promise<Attempt> {
  const directory = mkdtempSync(join(tmpdir(), "baa-open-"));
  const socketPath = join(directory, "hub.sock");
  const server = createServer();
  const sockets = new WebSocketServer({ server, maxPayload: 0 });
  sockets.on("connection", (socket) =>
    socket.on("message", (data: Buffer) => {
      if (data.toString().includes('"report":1,')) socket.send('{"type":"ack","report":1}');
    }),
  );
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  try {
    return await act({ socketPath, boot: newId("boot"), heard: [], close: async () => undefined });
  } finally {
    sockets.close();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A gibibyte that is announced and never sent must not be waited for, let alone made room for. */
const ANNOUNCED: AttackCase = {
  ...{ family: "load", quick: true, name: "a frame that announces a gibibyte" },
  attack: () => withHub(TOKEN, announce),
  control: () => withOpenSocket(announce),
};

/** So many that nothing else of the sandbox gets through, and each holds something of the server. */
const CROWD: AttackCase = {
  ...{ family: "load", quick: true, name: "one connection more than a sandbox may have" },
  attack: () => withHub(TOKEN, crowd),
  control: () => withOpenSocket(crowd),
};

async function crowd(hub: Hub): Promise<Attempt> {
  const sockets: Socket[] = [];
  try {
    while (sockets.length < MAX_HUB_CONNECTIONS) {
      // One by one: only so many may wait to be accepted.
      const socket = connect(hub.socketPath);
      sockets.push(socket);
      await once(socket, "connect");
    }
    return await converse(hub, [hello(hub.boot), report(1)]).catch((error: unknown) => ({
      ...{ succeeded: false, said: String(error) },
    }));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function announce(hub: Hub): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const socket = connect(hub.socketPath);
    socket.write(
      `GET /control HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${TOKEN}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]);
    let ended = false;
    const finish = (attempt: Attempt): void => {
      if (ended) return;
      ended = true;
      socket.destroy();
      resolve(attempt);
    };
    socket.once("data", (answer: Buffer) => {
      if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) reject(new Error(answer.toString("latin1")));
      socket.write(head);
      setTimeout(() => finish({ succeeded: true, said: "still waited for" }), 2_000);
    });
    socket.on("error", () => finish({ succeeded: false, said: "hung up" }));
    socket.on("close", () => finish({ succeeded: false, said: "hung up" }));
  });
}

export const HUB_ATTACKS: AttackCase[] = [
  ...tokenCases,
  ...apiCases,
  ...traversalCases,
  ...forgeryCases,
  ANNOUNCED,
  CROWD,
];
