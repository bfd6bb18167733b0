import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type HubAddress, hubRequestOptions } from "./hub-address.ts";
import { listenLocally } from "./local-listener-link.ts";

export interface EgressRelayDeps {
  address: HubAddress;
  token: string;
  port: number;
}

const AWAY = { status: 502, reason: "The server is not there: try again in a moment" };

interface Tunnel {
  status: number;
  reason: string;
  socket: Duplex;
  head: Buffer;
}

/** The HTTP proxy that programs in the container use; every connection goes through the hub's `CONNECT`. */
export async function startEgressRelay({ address, token, port }: EgressRelayDeps): Promise<{ close: () => void }> {
  function openTunnel(target: string): Promise<Tunnel> {
    return new Promise((resolve, reject) => {
      const upstream = request({
        ...hubRequestOptions(address),
        method: "CONNECT",
        path: target,
        headers: { host: target, authorization: `Bearer ${token}` },
      });
      upstream.once("connect", (answer, socket, head) => {
        resolve({ status: answer.statusCode ?? 502, reason: answer.statusMessage ?? "", socket, head });
      });
      upstream.once("response", (answer) => {
        resolve({
          status: answer.statusCode ?? 502,
          reason: answer.statusMessage ?? "",
          socket: answer.socket,
          head: Buffer.alloc(0),
        });
      });
      upstream.once("error", reject);
      upstream.end();
    });
  }

  function join(client: Duplex, upstream: Duplex): void {
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.once("close", () => upstream.destroy());
    upstream.once("close", () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  }

  async function onConnect(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on("error", () => undefined);
    const tunnel = await openTunnel(incoming.url ?? "").catch(() => undefined);
    if (!tunnel || tunnel.status !== 200) {
      tunnel?.socket.destroy();
      const { status, reason } = tunnel ?? AWAY;
      // The reason twice: some tools show the status line, others the body.
      const body = `${reason || "Refused"}\n`;
      const headers = `content-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
      client.end(`HTTP/1.1 ${status} ${reason || "Refused"}\r\n${headers}\r\n\r\n${body}`);
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) tunnel.socket.write(head);
    if (tunnel.head.length > 0) client.write(tunnel.head);
    join(client, tunnel.socket);
  }

  /** A plain `GET http://host/…` through the proxy: the same tunnel, with the request in origin form inside. */
  async function onRequest(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let url: URL;
    try {
      url = new URL(incoming.url ?? "");
    } catch {
      response.writeHead(400).end("This is a proxy: the request must name its host.\n");
      return;
    }
    if (url.protocol !== "http:") {
      response.writeHead(400).end("Only http: and CONNECT are relayed.\n");
      return;
    }
    const tunnel = await openTunnel(`${url.hostname}:${url.port || "80"}`).catch(() => undefined);
    if (!tunnel) {
      response.writeHead(AWAY.status, { "content-type": "text/plain" }).end(`${AWAY.reason}\n`);
      return;
    }
    if (tunnel.status !== 200) {
      tunnel.socket.destroy();
      response.writeHead(tunnel.status, { "content-type": "text/plain" }).end(`${tunnel.reason}\n`);
      return;
    }
    const { "proxy-connection": _hop, "proxy-authorization": _secret, ...headers } = incoming.headers;
    const outgoing = request({
      createConnection: () => tunnel.socket,
      method: incoming.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, connection: "close" },
    });
    outgoing.once("error", () => response.destroy());
    outgoing.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once("close", () => {
        if (!answer.complete) response.destroy();
      });
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  }

  const server = createServer((incoming, response) => {
    onRequest(incoming, response).catch(() => response.destroy());
  });
  server.on("connect", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    onConnect(incoming, client, head).catch(() => client.destroy());
  });
  return listenLocally(server, port);
}
