import {
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
  type ServerResponse,
} from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { joinTunnel } from "../egress/join-tunnel.ts";
import { toAppHeaders, toBrowserHeaders, type PreviewNames } from "./preview-headers.ts";

/** A live update's socket may be silent for long; whoever leaves closes it. */
const IDLE_LIMIT_MS = 60 * 60_000;

export interface Relay {
  incoming: IncomingMessage;
  /** Leads to the application. */
  tunnel: Duplex;
  names: PreviewNames;
  policy: string;
  /** Nothing was answered yet, and nothing will be. */
  onFailed(): void;
}

/** Sends one request into the tunnel and its answer back, as it comes; nothing is held whole. */
export function relayRequest(relay: Relay, response: ServerResponse): void {
  const { incoming, tunnel, names, policy } = relay;
  endWhenIdle(tunnel);
  const outgoing = request(optionsOf(relay, {}));
  const fail = (): void => {
    tunnel.destroy();
    if (response.headersSent) response.destroy();
    else relay.onFailed();
  };
  outgoing.on("error", fail);
  outgoing.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, toBrowserHeaders(answer.headers, names, policy));
    response.flushHeaders();
    // A cleanly ended half answer would be taken for the whole.
    pipeline(answer, response).then(
      () => tunnel.destroy(),
      () => void (response.destroy(), tunnel.destroy()),
    );
  });
  response.once("close", () => outgoing.destroy());
  pipeline(incoming, outgoing).catch(() => undefined);
}

/** The same for an upgrade, a WebSocket's: once the application agreed, bytes go both ways. */
export function relayUpgrade(relay: Relay, browser: { socket: Duplex; head: Buffer }): void {
  const { incoming, tunnel, names, policy } = relay;
  const { socket, head } = browser;
  const headers = { connection: "Upgrade", upgrade: incoming.headers.upgrade };
  const outgoing = request(optionsOf(relay, headers));
  const onGone = (): void => void outgoing.destroy();
  socket.once("close", onGone);
  outgoing.on("error", relay.onFailed);
  outgoing.on("upgrade", (answer, remote: Duplex, remoteHead: Buffer) => {
    socket.off("close", onGone);
    writeHead(socket, answer, { ...toBrowserHeaders(answer.headers, names, policy), ...headers });
    if (remoteHead.length > 0) socket.write(remoteHead);
    if (head.length > 0) remote.write(head);
    void joinTunnel(socket, remote, IDLE_LIMIT_MS);
  });
  outgoing.on("response", (answer) => {
    writeHead(socket, answer, { connection: "close", "content-length": "0" });
    socket.end();
    tunnel.destroy();
  });
  outgoing.end();
}

function optionsOf({ incoming, tunnel, names }: Relay, more: OutgoingHttpHeaders): RequestOptions {
  return {
    createConnection: () => tunnel,
    method: incoming.method,
    path: incoming.url,
    headers: { ...toAppHeaders(incoming.headers, names), connection: "close", ...more },
    setHost: false,
  };
}

function writeHead(socket: Duplex, { statusCode, statusMessage }: IncomingMessage, headers: OutgoingHttpHeaders): void {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [`${name}: ${one}`])),
  );
  socket.write([`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, "", ""].join("\r\n"));
}

function endWhenIdle(tunnel: Duplex): void {
  if (tunnel instanceof Socket) tunnel.setTimeout(IDLE_LIMIT_MS, () => tunnel.destroy());
}
