import { pino } from "pino";
import { WebSocket, WebSocketServer } from "ws";
import { attachBrowserSockets } from "../../src/http/browser-socket.ts";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import Fastify from "fastify";
import { makeRepository, type TestServer } from "../../src/testing/test-server.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import { shareWholeServer } from "../whole-server.ts";
import { ask } from "../../src/testing/http-client.ts";

/** Too much at once, too deep, or never read. Controls are plain servers of the same libraries, without our limits. */

const startWhole = shareWholeServer();

interface Body {
  name: string;
  /** Slips it into a body that the route takes. */
  spoil(honest: string): string;
  /** What the guard against it answers; any other refusal would be for another reason. */
  refused: RegExp;
}

const TEXT = '"an honest prompt"';

const BODIES: Body[] = [
  {
    name: "ten mebibytes",
    spoil: (honest) => honest.replace(TEXT, `"${"x".repeat(10 * 2 ** 20)}"`),
    // Or it hangs up in the middle of what is sent.
    refused: /^413 .*request\.too-large|ECONNRESET|EPIPE/,
  },
  {
    name: "a prototype",
    spoil: (honest) => honest.replace("{", '{"__proto__":{"isAdmin":true},'),
    refused: /^400 .*not valid JSON/,
  },
  {
    name: "a constructor's prototype",
    spoil: (honest) => honest.replace("{", '{"constructor":{"prototype":{"isAdmin":true}},'),
    refused: /^400 .*not valid JSON/,
  },
  {
    name: "a hundred thousand brackets",
    spoil: (honest) => honest.replace(TEXT, "[".repeat(100_000) + "]".repeat(100_000)),
    refused: /^400 .*prompt\.text: Invalid input/,
  },
];

const bodyCase = ({ name, spoil, refused }: Body): AttackCase => ({
  ...{ family: "load", quick: true, name: `post ${name}` },
  async attack(world) {
    const { port, headers, honest } = await prepareHonest(await startWhole(world));
    const said = await post(port, headers, spoil(honest)).catch(String);
    if (said.startsWith("4") && !refused.test(said)) throw new Error(`refused for another reason: ${said}`);
    return { succeeded: !refused.test(said), said };
  },
  async control() {
    const app = Fastify({ bodyLimit: 2 ** 30, onProtoPoisoning: "ignore", onConstructorPoisoning: "ignore" });
    app.post("/api/sessions", () => ({ got: "in" }));
    await app.listen({ host: "127.0.0.1", port: 0 });
    const address = app.server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const said = await post(port, { "content-type": "application/json" }, spoil(writeBody("/x")));
    await app.close();
    return { succeeded: said.startsWith("200 "), said };
  },
});

const writeBody = (repository: string): string =>
  `{"repository":${JSON.stringify(repository)},"model":"demo/scripted","prompt":{"text":${TEXT}}}`;

let prepared: ReturnType<typeof prepare> | undefined;
const prepareHonest = (server: TestServer): ReturnType<typeof prepare> => (prepared ??= prepare(server));

/** A body for that server that the real route has taken, once: so what is refused is what is slipped into it. */
async function prepare({ port, token, reposDir }: TestServer) {
  const headers = { host: `localhost:${port}`, authorization: `Bearer ${token}`, "content-type": "application/json" };
  const honest = writeBody(makeRepository(reposDir, "posted"));
  const said = await post(port, headers, honest);
  if (!said.startsWith("201 ")) throw new Error(`not even an honest body is taken: ${said}`);
  return { port, headers, honest };
}

async function post(port: number, headers: Record<string, string>, body: string): Promise<string> {
  const { status, text } = await ask({ at: { port }, method: "POST", path: "/api/sessions", headers, body });
  return `${status} ${text.slice(0, 200)}`;
}

const FLOOD_BYTES = 64 * 2 ** 20;
const PIECE = JSON.stringify({ type: "x", text: "x".repeat(64 * 2 ** 10) });

/** A browser that opens a socket and never reads: what waits for it must not pile up. */
const SLOW_READER: AttackCase = {
  ...{ family: "load", quick: true, name: "a reader that does not read" },
  async attack() {
    const server = createServer();
    const access = {
      checkHost: () => undefined,
      checkOrigin: () => undefined,
      checkBearer: () => undefined,
      checkSubprotocols: () => undefined,
    };
    let sent = 0;
    const flooded = new Promise<void>((resolve) => {
      const serve = (connection: { send(text: string): boolean }): void => {
        while (sent < FLOOD_BYTES && connection.send(PIECE)) sent += PIECE.length;
        resolve();
      };
      attachBrowserSockets(server, { access, routes: [{ match: () => serve }], log: pino({ level: "silent" }) });
    });
    return readNothing(server, flooded, () => sent);
  },
  async control() {
    const server = createServer();
    let sent = 0;
    const flooded = new Promise<void>((resolve) => {
      new WebSocketServer({ server }).on("connection", (socket) => {
        socket.on("error", () => undefined);
        for (; sent < FLOOD_BYTES; sent += PIECE.length) socket.send(PIECE);
        resolve();
      });
    });
    return readNothing(server, flooded, () => sent);
  },
};

async function readNothing(server: Server, flooded: Promise<void>, sentBytes: () => number): Promise<Attempt> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const socket = connect(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(
    "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: background-agents.v1\r\n\r\n",
  );
  await flooded;
  const sent = sentBytes();
  socket.destroy();
  server.closeAllConnections();
  server.close();
  return { succeeded: sent >= FLOOD_BYTES, said: `${sent} bytes were made ready for it` };
}

/** Browsers have nothing to say on their sockets. */
const TALKATIVE: AttackCase = {
  ...{ family: "load", quick: true, name: "a browser that talks on its socket" },
  async attack(world) {
    const { port, token } = await startWhole(world);
    return talk(new WebSocket(`ws://localhost:${port}/api/socket`, ["background-agents.v1", `bearer.${token}`]));
  },
  async control() {
    const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise<void>((resolve) => sockets.once("listening", resolve));
    sockets.on("connection", (socket) => socket.on("message", () => socket.send("heard")));
    const address = sockets.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return talk(new WebSocket(`ws://127.0.0.1:${port}/`)).finally(() => sockets.close());
  },
};

function talk(socket: WebSocket): Promise<Attempt> {
  return new Promise((resolve) => {
    let heard = 0;
    socket.on("open", () => {
      for (let sent = 0; sent < 100; sent += 1) socket.send("x".repeat(8192));
    });
    socket.on("message", (data: Buffer) => {
      if (data.toString() !== "heard" || ++heard < 100) return;
      socket.terminate();
      resolve({ succeeded: true, said: `${heard} messages were taken` });
    });
    socket.on("error", () => undefined);
    socket.on("close", (code) => resolve({ succeeded: false, said: `closed with ${code}` }));
  });
}

export const LOAD_ATTACKS: AttackCase[] = [...BODIES.map(bodyCase), SLOW_READER, TALKATIVE];
