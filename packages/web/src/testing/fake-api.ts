import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { newId, PromptId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import type { Session } from "@background-agents/shared/sessions/session";
import { type WebSocket, WebSocketServer } from "ws";
import { type CannedStep, cannedStart, cannedTurn } from "./canned-session.ts";
import { cannedFleet, cannedSession } from "./canned-fleet.ts";

export interface FakeApi {
  url: string;
  token: string;
  /** The session whose turn is played. */
  session: Session;
  /** Plays the first prompt and its turn; resolves when it has ended. */
  play(): Promise<void>;
  /** Cuts every connection, as a network would. */
  dropConnections(): void;
  close(): Promise<void>;
}

/**
 * A stand-in for the API: one session that plays a canned turn, the verbs the page uses, a fleet of all kinds. It keeps
 * the contract's promises (contiguous seq, resume after one), not the server's rules.
 */
export async function startFakeApi(options: { port?: number; paceMs?: number; token?: string } = {}): Promise<FakeApi> {
  const { port = 0, paceMs = 0, token = "fake-token-for-tests" } = options;
  const session = cannedSession({ title: "Rate-limit the public API" });
  const fleet = cannedFleet();
  const events: SessionEvent[] = [];
  const sockets = new Set<WebSocket>();
  const fleetSockets = new Set<WebSocket>();

  function show(change: Partial<Session>): void {
    Object.assign(session, change, { lastSeq: events.length, lastActivityAt: new Date().toISOString() });
    broadcast({ type: "session", session });
    for (const socket of fleetSockets) socket.send(JSON.stringify({ type: "session", session }));
  }

  function broadcast(frame: SessionFrame): void {
    for (const socket of sockets) socket.send(JSON.stringify(frame));
  }

  async function run(steps: CannedStep[]): Promise<void> {
    for (const step of steps) {
      if ("frame" in step) broadcast(step.frame);
      else {
        const event = { ...step.event, seq: events.length + 1, v: 1, at: new Date().toISOString() };
        events.push(event);
        broadcast({ type: "event", event });
      }
      if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, "frame" in step ? paceMs : paceMs * 6));
    }
  }

  async function playPrompt(promptId: PromptId, text: string): Promise<void> {
    show({ status: "starting", statusReason: "starting: creating the container", attention: "working" });
    await run(cannedStart(promptId, text));
    show({ status: "working", statusReason: "working" });
    await run(cannedTurn(promptId, newId("turn")));
    const changes = { files: 3, additions: 42, deletions: 7 };
    show({ status: "idle", statusReason: "+42 −7 · 3 files", attention: "review", changes });
  }

  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    response.setHeader("access-control-allow-methods", "GET, POST, PATCH, DELETE");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const path = new URL(request.url ?? "/", "http://x").pathname;
    if (path !== "/api/health" && request.headers.authorization !== `Bearer ${token}`) {
      return send(401, { error: { code: "access.token-wrong", message: "The token is wrong." } });
    }
    const body = await readBody(request);
    if (path === "/api/health") {
      return send(200, {
        status: "ok",
        version: "0.1.0",
        docker: { status: "ok" },
        sandboxImage: { status: "ok", name: "sandbox" },
      });
    }
    if (path === "/api/models") {
      const models = CATALOGUE.map((model) => ({
        ...model,
        available: model.provider !== "openai",
        reason: "Set OPENAI_API_KEY in .env and restart",
      }));
      return send(200, { models, default: models[0]?.id });
    }
    if (path === "/api/repositories") {
      const repository = { ...session.repository, source: "found", defaultBranch: "main", problem: null, notices: [] };
      return send(200, { repositories: [repository], reposDir: "/home/you/code" });
    }
    if (path.endsWith("/branches")) return send(200, { branches: [], defaultBranch: "main" });
    if (path.endsWith("/checkpoints")) return send(200, { checkpoints: [] });
    if (path.endsWith("/prompts") && request.method === "POST") {
      const id = PromptId.parse(body.id);
      void playPrompt(id, String(body.text));
      const { model, effort } = session;
      const prompt = {
        id,
        sessionId: session.id,
        text: body.text,
        mode: "queue",
        status: "queued",
        model,
        effort,
        turnId: null,
        error: null,
        createdAt: new Date().toISOString(),
        startedAt: null,
        endedAt: null,
      };
      return send(202, { prompt });
    }
    if (path.startsWith(`/api/sessions/${session.id}`)) {
      show(body);
      return send(200, { session, prompts: [] });
    }
    return send(404, { error: { code: "session.not-found", message: "There is no such session." } });
  }

  const upgrades = new WebSocketServer({ noServer: true, handleProtocols: () => BROWSER_SUBPROTOCOL });
  server.on("upgrade", (request, socket, head) => {
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    if (!offered.includes(`bearer.${token}`)) return void socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    const { pathname } = new URL(request.url ?? "/", "http://x");
    if (pathname !== "/api/socket" && pathname !== `/api/sessions/${session.id}/socket`) {
      return void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    }
    upgrades.handleUpgrade(request, socket, head, (connection) => {
      const url = new URL(request.url ?? "/", "http://x");
      if (url.pathname === "/api/socket") {
        fleetSockets.add(connection);
        connection.on("close", () => fleetSockets.delete(connection));
        return connection.send(JSON.stringify({ type: "snapshot", sessions: [session, ...fleet] }));
      }
      const after = Number(url.searchParams.get("after") ?? events.length);
      const snapshot: SessionFrame = {
        type: "snapshot",
        session,
        prompts: [],
        lastSeq: events.length,
        openParts: [],
        bootLog: [],
      };
      connection.send(JSON.stringify(snapshot));
      for (const event of events.slice(after)) connection.send(JSON.stringify({ type: "event", event }));
      sockets.add(connection);
      connection.on("close", () => sockets.delete(connection));
    });
  });

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    session,
    play: () =>
      playPrompt(
        newId("prompt"),
        "Add rate limiting to the public endpoints: 60 requests a minute per key, 429 with Retry-After.",
      ),
    dropConnections: () => {
      for (const socket of [...sockets, ...fleetSockets]) socket.terminate();
    },
    close: async () => {
      upgrades.close();
      server.closeAllConnections();
      for (const socket of [...sockets, ...fleetSockets]) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
