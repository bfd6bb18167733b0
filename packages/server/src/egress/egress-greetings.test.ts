import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { EgressPolicy } from "./egress-policy.ts";
import { clientHello, withExtension } from "./testing/client-hello.ts";
import {
  closeProxies,
  connectLocally,
  echoServer,
  listen,
  LISTED,
  OPEN,
  portOf,
  startProxy,
  tunnel,
} from "./testing/proxy-fixture.ts";

afterEach(closeProxies);

const OPENED = "HTTP/1.1 200 Connection established\r\n\r\n";
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 49]).toString("latin1");
/** TLS with a key that both know: nothing here is about certificates. */
const SHARED = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" } as const;
const KEY = Buffer.alloc(16, 1);

/** What many names are served from: it answers to each, and remembers which it was asked for. */
async function startSharedHost() {
  const asked: string[] = [];
  // Asked for the certificate of each name; there are none here.
  const SNICallback = (name: string, done: (error: Error | null) => void) => {
    asked.push(name);
    done(null);
  };
  const secured = createTlsServer({ ...SHARED, SNICallback, pskCallback: () => KEY }, (socket) =>
    socket.on("error", () => undefined).end("served"),
  );
  secured.on("tlsClientError", () => undefined);
  let bytes = 0;
  const server = await listen(
    createTcpServer((socket: Socket) => {
      socket.on("error", () => undefined).on("data", (chunk: Buffer) => (bytes += chunk.length));
      secured.emit("connection", socket);
    }),
  );
  return { port: portOf(server), asked, received: () => bytes };
}

/** Speaks TLS in a tunnel that was opened for `authority`; resolves to what came, or to why nothing did. */
async function speakTls(proxyPort: number, authority: string, servername: string): Promise<string> {
  const client = await tunnel(proxyPort, authority);
  await client.until("\r\n\r\n");
  client.socket.removeAllListeners("data");
  const secure = connectTls({
    ...{ ...SHARED, socket: client.socket, servername, checkServerIdentity: () => undefined },
    pskCallback: () => ({ psk: KEY, identity: "test" }),
  });
  return new Promise((resolve) => {
    secure.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    secure.once("error", (error) => resolve(error.message));
  });
}

/** What a client gets that says just this in its tunnel, and what of it arrives. */
async function say(order: { authority: string; words: Buffer | string; policy?: EgressPolicy; own?: string[] }) {
  const { authority, words, policy = LISTED, own = [] } = order;
  let arrived = "";
  const [remote] = [
    await listen(
      createTcpServer((socket) => {
        socket
          .on("error", () => undefined)
          .on("data", (chunk: Buffer) => {
            arrived += chunk.toString("latin1");
            socket.end("answer");
          });
      }),
    ),
  ];
  const proxy = await startProxy({
    policy,
    connect: connectLocally(portOf(remote)).connect,
    listOwnTargets: async () => own,
  });
  const client = await tunnel(proxy.port, authority);
  await client.until("\r\n\r\n");
  client.socket.write(words);
  const said = (await client.ended).slice(OPENED.length);
  return { said, arrived, blocked: proxy.blocked };
}

describe("what a tunnel says first", () => {
  it("lets real TLS through to the host that the tunnel is for, and to no other at the same address", async () => {
    const shared = await startSharedHost();
    const proxy = await startProxy({ connect: connectLocally(shared.port).connect });
    expect(await speakTls(proxy.port, "registry.example:443", "registry.example")).toBe("served");
    const received = shared.received();
    expect(await speakTls(proxy.port, "registry.example:443", "evil.example")).toMatch(/alert access denied/);
    expect(shared.asked).toEqual(["registry.example"]);
    expect(shared.received()).toBe(received);
    expect(proxy.blocked).toMatchObject([
      {
        ...{ host: "registry.example", port: 443, allowable: false, times: 1 },
        reason: "the connection to registry.example is for another host: evil.example",
      },
    ]);
    // Where every host may be reached there is nothing to go around.
    const open = await startProxy({ policy: OPEN, connect: connectLocally(shared.port).connect });
    expect(await speakTls(open.port, "registry.example:443", "evil.example")).toBe("served");
  });

  it("refuses on 443 what hides its host, names none, or is no TLS, before a byte of it is passed on", async () => {
    const hidden = withExtension(await clientHello("registry.example"), 0xfe0d, Buffer.alloc(100));
    const cases: [Buffer | string, string][] = [
      [hidden, "hides which host it is for (encrypted client hello); the program must send none"],
      [await clientHello(), "does not say which host it is for"],
      ["GET / HTTP/1.1\r\nHost: registry.example\r\n\r\n", "does not speak TLS"],
      [Buffer.concat([Buffer.from([22, 3, 1, 64, 0, 1, 0, 255, 255]), Buffer.alloc(16_380)]), "does not begin as"],
    ];
    for (const [words, reason] of cases) {
      const { said, arrived, blocked } = await say({ authority: "registry.example:443", words });
      expect(said).toBe(ALERT);
      expect(arrived).toBe("");
      expect(blocked).toMatchObject([{ allowable: false, reason: expect.stringContaining(reason) }]);
    }
  });

  it("passes one request on port 80 to the host that the tunnel is for, and says in HTTP why it passes no other", async () => {
    const request = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`;
    const taken = await say({ authority: "registry.example:80", words: request("registry.example") });
    expect(taken).toMatchObject({ said: "answer", blocked: [] });
    expect(taken.arrived).toBe("GET / HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\n\r\n");
    const refused = await say({ authority: "registry.example:80", words: request("evil.example") });
    expect(refused.said).toContain("HTTP/1.1 403 Blocked by the sandbox's network policy: the connection to");
    expect(refused.arrived).toBe("");
    expect(refused.blocked).toMatchObject([
      { port: 80, reason: expect.stringContaining("another host: evil.example") },
    ]);
    const other = await say({ authority: "registry.example:80", words: "SSH-2.0-x\r\n" });
    expect(other.blocked).toMatchObject([{ reason: expect.stringContaining("does not speak HTTP") }]);
  });

  it("passes a request with a long head, and a WebSocket both ways", async () => {
    const long = `GET / HTTP/1.1\r\nHost: registry.example.\r\nCookie: ${"c".repeat(60 * 1024)}\r\n`;
    const taken = await say({ authority: "registry.example:80", words: `${long}\r\n` });
    expect(taken).toMatchObject({ said: "answer", blocked: [] });
    const longer = await say({ authority: "registry.example:80", words: `${long}Cookie: ${"c".repeat(8 * 1024)}` });
    expect(longer).toMatchObject({ arrived: "", blocked: [{ reason: expect.stringContaining("does not begin as") }] });

    const server = await listen(createHttpServer());
    new WebSocketServer({ server }).on("connection", (socket) => socket.on("message", (words) => socket.send(words)));
    const proxy = await startProxy({ connect: connectLocally(portOf(server)).connect });
    const { socket, until } = await tunnel(proxy.port, "registry.example:80");
    await until("\r\n\r\n");
    socket.removeAllListeners("data");
    const client = new WebSocket("ws://registry.example/live", { createConnection: () => socket });
    await once(client, "open");
    for (const words of ["one", "two"]) {
      client.send(words);
      expect(String((await once(client, "message"))[0])).toBe(words);
    }
    client.terminate();
    expect(proxy.blocked).toEqual([]);
  });

  it("brings no second request to a server that grants no WebSocket", async () => {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.headers.host ?? "");
      response.end("no");
    });
    const proxy = await startProxy({ connect: connectLocally(portOf(await listen(server))).connect });
    const wish = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
    const client = await tunnel(proxy.port, "registry.example:80");
    await client.until("\r\n\r\n");
    client.socket.write(`GET / HTTP/1.1\r\nHost: registry.example\r\n${wish}\r\n`);
    await client.until("no");
    client.socket.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    await client.ended;
    expect(asked).toEqual(["registry.example"]);
  });

  it("lets the user's own remotes be spoken with in any protocol, in TLS by their name only", async () => {
    const own = ["git.example:443", "10.0.0.7:443"];
    const ssh = { authority: "git.example:443", words: "SSH-2.0-OpenSSH\r\n", own };
    expect(await say(ssh)).toMatchObject({ said: "answer", arrived: "SSH-2.0-OpenSSH\r\n" });
    expect(await say({ ...ssh, words: await clientHello("git.example") })).toMatchObject({ said: "answer" });
    expect(await say({ ...ssh, words: await clientHello("evil.example") })).toMatchObject({ said: ALERT, arrived: "" });
    const nameless = await say({ authority: "10.0.0.7:443", words: await clientHello(), own });
    expect(nameless).toMatchObject({ said: "answer", blocked: [] });
  });

  it("does not wait for the client where the server speaks first, and passes an end on without a word", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect });
    const client = await tunnel(proxy.port, "registry.example:443");
    await client.until("hello ");
    client.socket.end();
    expect(await client.ended).toBe(`${OPENED}hello `);
    expect(proxy.blocked).toEqual([]);
  });

  it("cuts what was opened while every host could be reached when that ends", async () => {
    const echo = await echoServer();
    let policy = OPEN;
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect, findPolicy: () => policy });
    const unseen = await tunnel(proxy.port, "registry.example:443");
    await unseen.until("hello ");
    policy = LISTED;
    proxy.proxy.recheck();
    await unseen.ended;
    const seen = await tunnel(proxy.port, "registry.example:443");
    await seen.until("hello ");
    proxy.proxy.recheck();
    const hello = await clientHello("registry.example");
    seen.socket.write(hello);
    await seen.until(hello.toString("latin1"));
  });

  it("reads what the client sent together with its CONNECT, too", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect });
    const client = await tunnel(proxy.port, "registry.example:443", await clientHello("evil.example"));
    expect(await client.ended).toMatch(new RegExp(`${ALERT}$`));
  });
});
