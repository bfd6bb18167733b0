import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import { WebSocketServer, type WebSocket } from "ws";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import type { AccessPolicy } from "./access-policy.ts";

/**
 * A browser that does not read is cut when this much waits for it; it comes back with its last seq. One message that is
 * larger by itself, such as the snapshot of a long session, is no sign of that: it would be cut each time it comes back.
 */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const PING_EVERY_MS = 15_000;
const FAREWELL_MS = 1_000;

export interface BrowserConnection {
  /** False where the socket is closed, or was just cut for not reading. */
  send(encoded: string): boolean;
  onClose(callback: () => void): void;
  /** True where the browser reads slower than we send: wait for `whenFlushed` before a long answer goes on. */
  isBehind(): boolean;
  /** Calls back once everything sent so far has left this process; never where the socket is gone. */
  whenFlushed(callback: () => void): void;
}

/** `match` answers undefined for paths that are not its own; it may throw AppError to refuse before the upgrade. */
export interface SocketRoute {
  match(url: URL): ((connection: BrowserConnection) => void) | undefined;
}

export interface BrowserSockets {
  close(): void;
}

/** Serves WebSocket upgrades: Host, Origin and token are checked first, as for every request. */
export function attachBrowserSockets(
  server: Server,
  deps: { access: AccessPolicy; routes: SocketRoute[]; log: Log },
): BrowserSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 4096,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(BROWSER_SUBPROTOCOL) ? BROWSER_SUBPROTOCOL : false),
  });

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => undefined);
    try {
      deps.access.checkHost(request.headers);
      deps.access.checkOrigin(request.headers);
      deps.access.checkSubprotocols(request.headers);
      const url = new URL(request.url ?? "/", "http://localhost");
      const serve = deps.routes.map((route) => route.match(url)).find((found) => found !== undefined);
      if (!serve) throw new AppError("route.not-found", "There is no such socket.");
      sockets.handleUpgrade(request, socket, head, (ws) => serve(connectionOf(ws)));
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError("server.internal", "The upgrade failed.");
      if (known.code === "server.internal") deps.log.error({ error: messageOf(error) }, "an upgrade failed");
      const body = JSON.stringify({ error: { code: known.code, message: known.message } });
      socket.end(
        `HTTP/1.1 ${known.status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    }
  });

  const heartbeat = setInterval(() => {
    for (const client of sockets.clients) client.send('{"type":"ping"}');
  }, PING_EVERY_MS);

  return {
    close() {
      clearInterval(heartbeat);
      for (const client of sockets.clients) {
        client.close(1001, "server stopping");
        // A browser that is gone answers no farewell.
        setTimeout(() => client.terminate(), FAREWELL_MS).unref();
      }
    },
  };
}

function connectionOf(ws: WebSocket): BrowserConnection {
  ws.on("error", () => undefined);
  // Verbs are REST: a browser has nothing to say here.
  ws.on("message", () => ws.close(1003, "this socket only tells"));
  let largeBytes = 0;
  return {
    send(encoded) {
      if (ws.readyState !== ws.OPEN) return false;
      if (ws.bufferedAmount - largeBytes > MAX_BUFFERED_BYTES) {
        ws.terminate();
        return false;
      }
      const bytes = Buffer.byteLength(encoded);
      const isAllowed = largeBytes === 0 && bytes > MAX_BUFFERED_BYTES / 4;
      if (isAllowed) largeBytes = bytes;
      ws.send(encoded, () => {
        if (isAllowed) largeBytes = 0;
      });
      return true;
    },
    onClose: (callback) => ws.on("close", callback),
    isBehind: () => ws.bufferedAmount > MAX_BUFFERED_BYTES / 4,
    whenFlushed: (callback) => ws.ping("", false, (error) => !error && callback()),
  };
}
