import { createHash, timingSafeEqual } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SecretsGiven } from "@background-agents/shared/protocol/supervisor-frames";
import { CheckpointId, PromptId, TurnId, type BootId, type SessionId } from "@background-agents/shared/ids";
import { CommitId } from "@background-agents/shared/sessions/session";
import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";

/** Where a hub listens: a Unix socket, or a port on an address of the host (0 = any). */
export type HubListen = { kind: "unix"; path: string } | { kind: "tcp"; host: string; port: number };

export interface BundleUpload {
  checkpointId: CheckpointId;
  turnId: TurnId;
  promptId: PromptId;
  commit: string;
  body: IncomingMessage;
}

/** The working tree of the running turn. */
export interface LiveUpload {
  turnId: TurnId;
  commit: string;
  body: IncomingMessage;
}

/** What a sandbox may ask for of what is kept of its session; without a checkpoint, the last one. */
export interface RestoreWanted {
  what: "bundle" | "conversation" | "files";
  checkpointId?: CheckpointId;
}

export interface ModelCall {
  request: IncomingMessage;
  response: ServerResponse;
  /** What follows `/llm/`, with its query. */
  path: string;
}

/** What `git` and `gh` in the container ask, see agent-git.ts of the shared package. */
export interface AgentGitCall {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
}

export interface EgressTunnel {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** What a supervisor makes of a `preview.connect`: it dialled, or nothing listens there. */
export type PreviewDial = { tunnelId: string; socket: Duplex; head: Buffer } | { tunnelId: string; socket?: undefined };

/** What the hub's routes do; each gets only requests whose boot token was right. */
export interface HubRoutes {
  control(socket: WebSocket): void;
  llm(call: ModelCall): void;
  /** May answer hours later. What it throws is answered as an error. */
  agentGit(call: AgentGitCall): Promise<void>;
  connect(tunnel: EgressTunnel): void;
  bundle(upload: BundleUpload): Promise<unknown>;
  live(upload: LiveUpload): Promise<void>;
  conversation(checkpointId: CheckpointId, body: IncomingMessage): Promise<void>;
  /** What is kept of the session, for a sandbox that has to make it anew; undefined where there is none. */
  restore(wanted: RestoreWanted): Promise<Readable | undefined>;
  blob(hash: string, body: IncomingMessage): Promise<void>;
  /** What the session's processes get in their environment. */
  secrets(): SecretsGiven;
  preview(dial: PreviewDial): void;
}

export interface HubDeps {
  sessionId: SessionId;
  boot: BootId;
  /** SHA-256 of the boot's token, hex. */
  tokenHash: string;
  routes: HubRoutes;
  log: Log;
}

export interface SandboxHub {
  /** What to write into the boot's row: enough to listen there again after a restart. */
  listen: HubListen;
  close(): Promise<void>;
}

const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Ways out of one sandbox at once. Builds that fetch much use some dozens. */
export const MAX_HUB_TUNNELS = 512;
/** All of one sandbox, so that whatever its tunnels are, as many are left for its link, calls, uploads and previews. */
export const MAX_HUB_CONNECTIONS = 2 * MAX_HUB_TUNNELS;

const UploadQuery = z.object({ turn: TurnId, prompt: PromptId, commit: CommitId });

/** Starts the listener of one sandbox. It serves supervisor routes only, to the holder of the boot's token only. */
export async function startSandboxHub(deps: HubDeps, listen: HubListen): Promise<SandboxHub> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const server = createServer({ requestTimeout: 0, headersTimeout: 20_000 }, (request, response) => {
    if (!isAuthorized(request, deps.tokenHash)) return answer(response, 401, { error: "wrong boot token" });
    route(request, response, deps).catch((error: unknown) => {
      deps.log.warn({ sessionId: deps.sessionId, path: request.url, error: messageOf(error) }, "a hub request failed");
      const status = error instanceof AppError ? error.status : 500;
      answer(response, status, { error: messageOf(error) });
    });
  });
  server.maxConnections = MAX_HUB_CONNECTIONS;
  const tell = tellOnce(deps);
  server.on("drop", () => tell(`a sandbox has ${MAX_HUB_CONNECTIONS} connections: another one was cut`));
  let tunnels = 0;
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => undefined);
    if (!isAuthorized(request, deps.tokenHash)) return refuse(socket, "401 Unauthorized");
    if (tunnels >= MAX_HUB_TUNNELS) {
      tell(`a sandbox has ${MAX_HUB_TUNNELS} ways out in use: another one was refused`);
      return refuse(socket, "503 Service Unavailable");
    }
    tunnels += 1;
    socket.once("close", () => (tunnels -= 1));
    deps.routes.connect({ request, socket, head });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => undefined);
    const tunnelId = /^\/preview\/([0-9a-f]{1,64})$/.exec(request.url ?? "")?.[1];
    if (request.url !== "/control" && tunnelId === undefined) return refuse(socket, "404 Not Found");
    if (!isAuthorized(request, deps.tokenHash)) return refuse(socket, "401 Unauthorized");
    if (tunnelId !== undefined) return deps.routes.preview({ tunnelId, socket, head });
    sockets.handleUpgrade(request, socket, head, (accepted) => deps.routes.control(accepted));
  });
  // Tunnels and upgraded sockets are no longer the HTTP server's to close, yet it waits for them.
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  const bound = await bind(server, listen);
  return {
    listen: bound,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (listen.kind === "unix") rmSync(listen.path, { force: true });
    },
  };
}

/** Once for each boot: a sandbox could fill the log. */
function tellOnce({ log, sessionId }: HubDeps): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (!told.has(message)) log.warn({ sessionId }, message);
    told.add(message);
  };
}

async function route(request: IncomingMessage, response: ServerResponse, deps: HubDeps): Promise<void> {
  const url = new URL(request.url ?? "/", "http://hub");
  const [, room = "", name = ""] = url.pathname.split("/");
  if (room === "llm") {
    deps.routes.llm({ request, response, path: `${url.pathname.slice("/llm/".length)}${url.search}` });
    return;
  }
  if (room === "git" || room === "gh") return deps.routes.agentGit({ request, response, url });
  if (request.method === "GET" && room === "restore") return sendRestore(url, response, deps);
  if (request.method === "GET" && url.pathname === "/secrets") return answer(response, 200, deps.routes.secrets());
  if (request.method === "DELETE" && room === "preview") {
    deps.routes.preview({ tunnelId: name });
    return answer(response, 204);
  }
  if (request.method !== "PUT") return answer(response, 404, { error: "no such route" });
  switch (room) {
    case "bundle": {
      const query = parse(UploadQuery, Object.fromEntries(url.searchParams));
      const upload = {
        checkpointId: parse(CheckpointId, name),
        turnId: query.turn,
        promptId: query.prompt,
        commit: query.commit,
        body: request,
      };
      return answer(response, 200, await deps.routes.bundle(upload));
    }
    case "live": {
      const commit = parse(CommitId, url.searchParams.get("commit"));
      await deps.routes.live({ turnId: parse(TurnId, name), commit, body: request });
      return answer(response, 204);
    }
    case "conversation":
      await deps.routes.conversation(parse(CheckpointId, name), request);
      return answer(response, 204);
    case "blob":
      await deps.routes.blob(parse(z.string().regex(/^[0-9a-f]{64}$/), name), request);
      return answer(response, 204);
    default:
      return answer(response, 404, { error: "no such route" });
  }
}

async function sendRestore(url: URL, response: ServerResponse, deps: HubDeps): Promise<void> {
  const what = parse(z.enum(["bundle", "conversation", "files"]), url.pathname.split("/")[2]);
  const checkpoint = url.searchParams.get("checkpoint");
  const content = await deps.routes.restore({
    what,
    ...(checkpoint !== null && { checkpointId: parse(CheckpointId, checkpoint) }),
  });
  if (!content) return answer(response, 404, { error: `the session has no ${what}` });
  response.writeHead(200, { "content-type": "application/octet-stream" });
  await pipeline(content, response);
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw new AppError("request.invalid", z.prettifyError(result.error));
  return result.data;
}

function isAuthorized(request: IncomingMessage, tokenHash: string): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(createHash("sha256").update(given).digest(), Buffer.from(tokenHash, "hex"));
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function bind(server: Server, listen: HubListen): Promise<HubListen> {
  if (listen.kind === "unix") rmSync(listen.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const done = (): void => {
      server.removeListener("error", reject);
      resolve();
    };
    if (listen.kind === "unix") server.listen(listen.path, done);
    else server.listen(listen.port, listen.host, done);
  });
  if (listen.kind === "unix") {
    // The container's user is not ours; the directory's parent keeps everybody else out.
    chmodSync(listen.path, 0o666);
    return listen;
  }
  const address = server.address();
  return { ...listen, port: typeof address === "object" && address ? address.port : listen.port };
}
