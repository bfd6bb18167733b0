import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type HubAddress, hubRequestOptions } from "./hub-address.ts";
import { listenLocally } from "./local-listener-link.ts";

export interface EgressRelayDeps {
  address: HubAddress;
  token: string;
  port: number;
}

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
      const line = tunnel ? `${tunnel.status} ${tunnel.reason || "Refused"}` : "502 The hub is not there";
      client.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
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
    const tunnel = await openTunnel(`${url.hostname}:${url.port || "80"}`);
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
