import {
  request,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { joinTunnel } from "../egress/join-tunnel.ts";
import { leadsAway, toAppHeaders, toBrowserHeaders, type PreviewNames } from "./preview-headers.ts";

/** A live update's socket may be silent for long; whoever leaves closes it. */
const IDLE_LIMIT_MS = 60 * 60_000;

export interface Relay {
  incoming: IncomingMessage;
  /** Leads to the application. */
  tunnel: Duplex;
  names: PreviewNames;
  policy: string;
  /** After so long without a byte it is given up, answered or not. */
  idleLimitMs?: number | undefined;
  /** Nothing was answered yet, and nothing will be. */
  onFailed(why: "not-http" | "leads-away"): void;
}

/** Sends one request into the tunnel and its answer back, as it comes; nothing is held whole. */
export function relayRequest(relay: Relay, response: ServerResponse): void {
  const { incoming, tunnel, names, policy } = relay;
  const outgoing = ask(relay, {});
  const fail = failOnce(relay, outgoing);
  outgoing.on("response", (answer) => {
    if (leadsAway(answer.headers.location, names)) return fail.now("leads-away");
    try {
      response.writeHead(answer.statusCode ?? 502, toBrowserHeaders(answer.headers, names, policy));
      response.flushHeaders();
    } catch {
      // A status or header that was understood, yet may not be passed on.
      return fail.now("not-http");
    }
    fail.forget();
    // A cleanly ended half answer would be taken for the whole.
    pipeline(answer, response).catch(() => response.destroy());
    answer.once("close", () => tunnel.destroy());
  });
  response.once("close", () => outgoing.destroy());
  pipeline(incoming, outgoing).catch(() => undefined);
}

/** The same for an upgrade, a WebSocket's: once the application agreed, bytes go both ways. */
export function relayUpgrade(relay: Relay, browser: { socket: Duplex; head: Buffer }): void {
  const { incoming, tunnel, names, policy, idleLimitMs = IDLE_LIMIT_MS } = relay;
  const { socket, head } = browser;
  const headers = { connection: "Upgrade", upgrade: incoming.headers.upgrade };
  const outgoing = ask(relay, headers);
  const fail = failOnce(relay, outgoing);
  const onGone = (): void => void outgoing.destroy();
  // An upgraded socket stays half open when the browser leaves: until both are joined, nobody else would notice.
  socket.once("end", onGone).once("close", onGone);
  outgoing.on("upgrade", (answer, remote: Duplex, remoteHead: Buffer) => {
    fail.forget();
    socket.off("end", onGone).off("close", onGone);
    writeHead(socket, answer, { ...toBrowserHeaders(answer.headers, names, policy), ...headers });
    if (remoteHead.length > 0) socket.write(remoteHead);
    if (head.length > 0) remote.write(head);
    void joinTunnel({ client: socket, remote, idleLimitMs });
  });
  outgoing.on("response", (answer) => {
    fail.forget();
    writeHead(socket, answer, { connection: "close", "content-length": "0" });
    socket.end();
    tunnel.destroy();
  });
  outgoing.end();
}

/** Tells `onFailed` once where the request ends, in whatever way, before its answer. */
function failOnce({ tunnel, onFailed }: Relay, outgoing: ClientRequest) {
  let over = false;
  const forget = (): void => {
    over = true;
  };
  const now = (why: Parameters<Relay["onFailed"]>[0]): void => {
    if (over) return;
    over = true;
    tunnel.destroy();
    onFailed(why);
  };
  outgoing.on("error", () => now("not-http"));
  outgoing.on("close", () => now("not-http"));
  return { now, forget };
}

/** Holds the tunnel to its idle limit from now on. Throws, and ends the tunnel, where what came in cannot be asked. */
function ask(relay: Relay, more: OutgoingHttpHeaders): ClientRequest {
  const { incoming, tunnel, names, idleLimitMs = IDLE_LIMIT_MS } = relay;
  if (tunnel instanceof Socket) tunnel.setTimeout(idleLimitMs, () => tunnel.destroy());
  try {
    return request({
      createConnection: () => tunnel,
      method: incoming.method,
      path: incoming.url,
      headers: { ...toAppHeaders(incoming.headers, names), connection: "close", ...more },
      setHost: false,
    });
  } catch (error) {
    tunnel.destroy();
    throw error;
  }
}

function writeHead(socket: Duplex, { statusCode, statusMessage }: IncomingMessage, headers: OutgoingHttpHeaders): void {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [`${name}: ${one}`])),
  );
  socket.write([`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, "", ""].join("\r\n"));
}
