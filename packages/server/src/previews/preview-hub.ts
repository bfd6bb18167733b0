import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { PreviewAddresses, PreviewTarget } from "./preview-addresses.ts";
import { describeProblem, PROBLEM_POLICY, renderProblem, type PreviewProblem } from "./preview-page.ts";
import { relayRequest, relayUpgrade, type Relay } from "./preview-relay-client.ts";
import type { PreviewTunnels } from "./preview-tunnels.ts";

const HEADERS_TIMEOUT_MS = 20_000;
const MAX_CONNECTIONS = 512;

export interface PreviewHubDeps {
  /** On loopback; 0 means any. */
  port: number;
  addresses: Pick<PreviewAddresses, "find">;
  tunnels: Pick<PreviewTunnels, "open">;
  /** Whether the session may still be looked at; revokes its addresses where not. */
  isOpen: (target: PreviewTarget) => boolean;
  /** The policy of what is shown under a host. */
  buildPolicy: (host: string) => string;
  /** Tells a service worker's script from anything else. */
  isServiceWorker?: ((request: IncomingMessage) => boolean) | undefined;
  /** How long a connection may be silent. */
  idleLimitMs?: number | undefined;
}

export interface PreviewHub {
  /** Begins to listen where it does not yet; answers the port. Throws `preview.unavailable` where another has it. */
  ensureListening(): Promise<number>;
  state(): { status: "idle" | "ok" | "unavailable"; port: number; message?: string };
  close(): Promise<void>;
}

/**
 * The listener for what runs in sandboxes, away from the API's: every preview has a host name of its own under
 * `localhost`, and only that name, letter by letter, leads to it. It listens from the first preview on.
 */
export function createPreviewHub(deps: PreviewHubDeps): PreviewHub {
  const { addresses, tunnels, isOpen, buildPolicy, isServiceWorker = asksForServiceWorker } = deps;
  const open = new Set<Socket>();
  let listening: Promise<Server> | undefined;
  let port = deps.port;
  let problem: string | undefined;

  /** The target that the one Host header names. */
  function findTarget(request: IncomingMessage): (PreviewTarget & { host: string }) | undefined {
    const { host = "" } = request.headers;
    const named = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
    const [, label = "", given] = /^([a-z0-9]+)\.localhost:(\d+)$/.exec(host) ?? [];
    const target = named === 1 && given === String(port) ? addresses.find(label) : undefined;
    return target && isOpen(target) ? { ...target, host } : undefined;
  }

  /** Opens the way for one request, or tells `onProblem` what is in it. */
  async function prepare(
    request: IncomingMessage,
    kind: "page" | "upgrade",
    onProblem: (problem: PreviewProblem, port?: number) => undefined,
  ): Promise<Relay | undefined> {
    const target = findTarget(request);
    const refuse = (what: PreviewProblem): undefined => onProblem(what, target?.port);
    if (!target || !request.url?.startsWith("/")) return refuse("unknown");
    if (isServiceWorker(request)) return refuse("service-worker");
    const answer = await tunnels.open({ ...target, isUpgrade: kind === "upgrade" });
    if ("failed" in answer) return refuse(answer.failed);
    answer.socket.on("error", () => undefined);
    // One that left in order is only half closed when it had asked for an upgrade.
    const { destroyed, readableEnded } = request.socket;
    if (destroyed || readableEnded) {
      request.socket.destroy();
      return void answer.socket.destroy();
    }
    return {
      incoming: request,
      tunnel: answer.socket,
      names: { browserHost: target.host, appHost: `localhost:${target.port}` },
      policy: buildPolicy(target.host),
      idleLimitMs: deps.idleLimitMs,
      onFailed: (why) => onProblem(why, target.port),
    };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const relay = await prepare(request, "page", (what, at) => {
      const page = describeProblem(what, at);
      const refusal = what === "unknown" || what === "service-worker";
      response.writeHead(page.status, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": PROBLEM_POLICY,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        ...(refusal && { connection: "close" }),
      });
      response.end(request.method === "HEAD" ? undefined : renderProblem(page));
      return undefined;
    });
    if (relay) relayRequest(relay, response);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const relay = await prepare(request, "upgrade", (what, at) => {
      const { status, title } = describeProblem(what, at);
      socket.end(`HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return undefined;
    });
    if (relay) relayUpgrade(relay, { socket, head });
  }

  async function listen(): Promise<Server> {
    const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
      serve(request, response).catch(() => response.destroy());
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => undefined);
      upgrade(request, socket, head).catch(() => socket.destroy());
    });
    // Upgraded sockets are no longer the HTTP server's to close, yet it waits for them.
    server.on("connection", (socket: Socket) => {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(deps.port, "127.0.0.1", resolve);
    });
    port = (server.address() as AddressInfo).port;
    problem = undefined;
    return server;
  }

  return {
    async ensureListening() {
      listening ??= listen();
      try {
        await listening;
        return port;
      } catch (error) {
        listening = undefined;
        problem = `Previews cannot be shown: port ${deps.port} is not free (${messageOf(error)}). Stop what has it, or set another PREVIEW_PORT in .env and start again.`;
        throw new AppError("preview.unavailable", problem, { cause: error });
      }
    },

    state: () => ({
      status: problem !== undefined ? "unavailable" : listening ? "ok" : "idle",
      port,
      ...(problem !== undefined && { message: problem }),
    }),

    async close() {
      const server = await listening?.catch(() => undefined);
      for (const socket of open) socket.destroy();
      if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** It could answer in place of the sandbox, without our policy. Browsers mark its script, and pages cannot. */
function asksForServiceWorker({ headers }: IncomingMessage): boolean {
  return headers["service-worker"] !== undefined || headers["sec-fetch-dest"] === "serviceworker";
}
