import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../testing/sandbox-fixture.ts";
import { startEgressRelay } from "./egress-relay-link.ts";

let root: string;
let site: Server;
let hub: Server;
let port: number;
let relay: { close: () => void };
let asked: string[];

/** A hub that lets the site through and nothing else, and a site that says what it was asked. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "egress-"));
  asked = [];
  site = createServer((incoming, response) =>
    response.end(`${incoming.method} ${incoming.url} ${incoming.headers.host}`),
  );
  await once(site.listen(0, "127.0.0.1"), "listening");
  hub = createServer();
  hub.on("connect", (incoming: IncomingMessage, client: Duplex) => {
    asked.push(`${incoming.url} ${incoming.headers.authorization}`);
    client.on("error", () => undefined);
    if (incoming.url !== siteHost())
      return void client.end("HTTP/1.1 403 Not on the list\r\ncontent-length: 0\r\n\r\n");
    const upstream = connect((site.address() as AddressInfo).port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy());
    return undefined;
  });
  await once(hub.listen(join(root, "hub.sock")), "listening");
  port = await freePort();
  relay = await startEgressRelay({ address: { kind: "unix", path: join(root, "hub.sock") }, token: "tok", port });
});
afterEach(() => {
  relay.close();
  site.close();
  hub.close();
  rmSync(root, { recursive: true, force: true });
});

const siteHost = () => `127.0.0.1:${(site.address() as AddressInfo).port}`;

/** Sends raw bytes to the relay and answers all that comes back. */
async function talk(text: string): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.write(text);
  let heard = "";
  for await (const chunk of socket) heard += String(chunk);
  return heard;
}

it("opens a tunnel through the hub, with the boot's token", async () => {
  const inner = `GET /a HTTP/1.1\r\nhost: site\r\nconnection: close\r\n\r\n`;
  const heard = await talk(`CONNECT ${siteHost()} HTTP/1.1\r\nhost: ${siteHost()}\r\n\r\n${inner}`);
  expect(heard).toMatch(/^HTTP\/1.1 200 Connection established\r\n\r\nHTTP\/1.1 200 OK/);
  expect(heard).toContain("GET /a site");
  expect(asked).toEqual([`${siteHost()} Bearer tok`]);
});

it("passes the hub's refusal on, with its reason", async () => {
  const heard = await talk("CONNECT evil.example:443 HTTP/1.1\r\n\r\n");
  expect(heard).toMatch(/^HTTP\/1.1 403 Not on the list\r\n/);
  expect(heard).toMatch(/\r\n\r\nNot on the list\n$/);
});

it("relays plain requests through the same tunnels", async () => {
  const outgoing = request({ port, host: "127.0.0.1", path: `http://${siteHost()}/b?c=d` }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  expect(body).toBe(`GET /b?c=d ${siteHost()}`);
  const refused = request({ port, host: "127.0.0.1", path: "http://evil.example/" }).end();
  const [answer] = (await once(refused, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(403);
  answer.resume();
});

it("says so when the hub is away", async () => {
  hub.close();
  rmSync(join(root, "hub.sock"), { force: true });
  expect(await talk("CONNECT registry.npmjs.org:443 HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 502 The server is not/);
  expect(
    await talk("GET http://registry.npmjs.org/ HTTP/1.1\r\nhost: registry.npmjs.org\r\nconnection: close\r\n\r\n"),
  ).toMatch(/^HTTP\/1.1 502 [^]*The server is not there/);
});
