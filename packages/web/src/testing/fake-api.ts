import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { newId, PromptId } from "@background-agents/shared/ids";
import {
  AnswerPermissionBody,
  AnswerQuestionBody,
  SendPromptBody,
  UpdatePromptBody,
} from "@background-agents/shared/protocol/commands";
import type { ProposalAnswer } from "@background-agents/shared/protocol/publish-commands";
import type { NewSessionEvent, SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import type { LiveChanges, Session } from "@background-agents/shared/sessions/session";
import { type WebSocket, WebSocketServer } from "ws";
import { applyAsking } from "./canned-asking.ts";
import { answerFixed } from "./canned-answers.ts";
import type { CannedStep } from "./canned-session.ts";
import { cannedFleet, cannedOverlaps, cannedPrompt, cannedSession } from "./canned-fleet.ts";
import type { CannedFile } from "./canned-review.ts";
import { createFakeGuard } from "./fake-guard.ts";
import { createFakePrompts } from "./fake-prompts.ts";
import { createFakePublish } from "./fake-publish.ts";
import { createFakeReview } from "./fake-review.ts";
import { createFakeSettings } from "./fake-settings.ts";

export interface FakeApi {
  url: string;
  token: string;
  /** The session whose turn is played. */
  session: Session;
  /** What the dialogs of the ways out are told, where it is not what is canned; changed in place. */
  proposal: Partial<ProposalAnswer>;
  /** What was asked to be done by the ways out. */
  asked: readonly { verb: string; body: unknown }[];
  /** Plays the first prompt and its turn; resolves when it has ended. */
  play(): Promise<void>;
  /** Cuts every connection, as a network would. */
  dropConnections(): void;
  /** Carries out the next request that changes something, and never answers it. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

const FIRST_PROMPT = "Add rate limiting to the public endpoints: 60 requests a minute per key, 429 with Retry-After.";

/**
 * A stand-in for the API: one session that plays a canned turn, the verbs the page uses, a fleet of all kinds. It keeps
 * the contract's promises (contiguous seq, resume after one), not the server's rules.
 */
export async function startFakeApi(
  options: { port?: number; paceMs?: number; token?: string; files?: readonly CannedFile[] } = {},
): Promise<FakeApi> {
  const { port = 0, paceMs = 0, token = "fake-token-for-tests" } = options;
  const session = cannedSession({ title: "Rate-limit the public API" });
  const fleet = cannedFleet();
  session.overlaps = cannedOverlaps(fleet);
  const archived = [cannedSession({ title: "Try the new bundler", archived: true }, 5000)];
  const events: SessionEvent[] = [];
  const sockets = new Set<WebSocket>();
  const fleetSockets = new Set<WebSocket>();
  /** Turns that wait for the user, by what they asked. */
  const answered = new Map<string, () => void>();
  let live: LiveChanges | null = null;
  let losesNext = false;
  let ports: Extract<SessionFrame, { type: "ports" }>["ports"] = [];

  function show(change: Partial<Session>): void {
    Object.assign(session, change, { lastSeq: events.length, lastActivityAt: new Date().toISOString() });
    broadcast({ type: "session", session });
    for (const socket of fleetSockets) socket.send(JSON.stringify({ type: "session", session }));
  }

  function broadcast(frame: SessionFrame): void {
    if (frame.type === "ports") ports = frame.ports;
    for (const socket of sockets) socket.send(JSON.stringify(frame));
  }

  function record(given: NewSessionEvent): void {
    const event = { ...given, seq: events.length + 1, v: 1, at: new Date().toISOString() };
    events.push(event);
    broadcast({ type: "event", event });
    review.observe(event);
    guard.observe(event);
    const running = prompts.running();
    if (event.type === "part.settled" && event.data.tool?.name === "edit" && running) {
      live = { commit: "c".repeat(40), turnId: running.turnId, files: 2, additions: 40, deletions: 5 };
      broadcast({ type: "live", live });
    }
    if (event.type === "sandbox.ready") show({ sandbox: { ...session.sandbox, status: "ready", reason: null } });
    if (event.type === "checkpoint.created") {
      const { files, additions, deletions, checkpointId, commit } = event.data;
      show({ changes: { files, additions, deletions }, lastCheckpointId: checkpointId, lastCommit: commit });
    }
    if (event.type === "branch.published") show({ publishedCommit: event.data.commit });
    if (event.type === "sandbox.stopped") {
      show({ sandbox: { ...session.sandbox, status: "stopped", reason: event.data.reason } });
    }
    const asking = applyAsking(session.asking, event);
    if (asking === session.asking) return;
    const isAsking = asking.questions.length + asking.permissions.length + asking.approvals.length > 0;
    show({
      asking,
      status: isAsking ? "waiting" : "working",
      attention: isAsking ? "needs-you" : "working",
      statusReason: isAsking ? "waits for your answer" : "working",
    });
    if (event.type === "question.answered") answered.get(event.data.questionId)?.();
    if (event.type === "permission.answered") answered.get(event.data.permissionId)?.();
    if (event.type === "approval.answered") answered.get(event.data.approvalId)?.();
  }

  async function run(steps: CannedStep[]): Promise<void> {
    for (const step of steps) {
      if ("frame" in step) broadcast(step.frame);
      else if ("event" in step) record(step.event);
      else await new Promise<void>((resolve) => answered.set(step.untilAnswered, resolve));
      if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, "frame" in step ? paceMs : paceMs * 6));
    }
  }

  const prompts = createFakePrompts({
    ...{ session, record, show, run },
    isSandboxUp: () => events.some(({ type }) => type === "sandbox.ready"),
    onTurnEnded() {
      live = null;
      broadcast({ type: "live", live });
    },
  });
  const rooms = {
    session,
    record,
    show,
    takePrompt: (text: string) => {
      const id = newId("prompt");
      prompts.take(id, text, "queue");
      return cannedPrompt(session, { id, text, mode: "queue" });
    },
  };
  const review = createFakeReview({ ...rooms, ...(options.files ? { files: options.files } : {}) });
  const publish = createFakePublish({ ...rooms, paceMs, broadcast });
  const guard = createFakeGuard(rooms);
  const settings = createFakeSettings(rooms);

  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    response.setHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const send = (status: number, body: unknown) => {
      if (losesNext && request.method !== "GET") {
        losesNext = false;
        return void request.socket.destroy();
      }
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const path = new URL(request.url ?? "/", "http://x").pathname;
    if (path !== "/api/health" && request.headers.authorization !== `Bearer ${token}`) {
      return send(401, { error: { code: "access.token-wrong", message: "The token is wrong." } });
    }
    const body = await readBody(request);
    const fixed = answerFixed(path, session);
    if (fixed) return send(200, fixed);
    const asked = { method: request.method ?? "GET", url: new URL(request.url ?? "/", "http://x"), body };
    const reviewed = review.answer(asked) ?? publish.answer(asked) ?? settings.answer(asked) ?? guard.answer(asked);
    if (reviewed?.mediaType) {
      return void response.writeHead(reviewed.status, { "content-type": reviewed.mediaType }).end(reviewed.body);
    }
    if (reviewed) return send(reviewed.status, reviewed.body);
    if (path === "/api/sessions" && request.method === "GET")
      return send(200, {
        sessions: asked.url.searchParams.has("deleted") ? [session].filter((one) => one.deletedAt !== null) : archived,
        nextCursor: null,
      });
    if (path.endsWith("/prompts") && request.method === "POST") {
      const { id = newId("prompt"), text, mode = "queue" } = SendPromptBody.parse(body);
      prompts.take(id, text, mode);
      return send(202, { prompt: cannedPrompt(session, { id, text, mode }) });
    }
    const [, verb, id] = /\/(prompts|questions|permissions)\/([^/]+)$/.exec(path) ?? [];
    if (verb === "prompts") {
      const promptId = PromptId.parse(id);
      if (request.method === "DELETE") prompts.cancel(promptId);
      else prompts.update(promptId, UpdatePromptBody.parse(body));
      return send(200, { prompt: cannedPrompt(session, { id: promptId, text: "", mode: "queue" }) });
    }
    if (verb === "questions" && id) {
      const { answers } = AnswerQuestionBody.parse(body);
      record({ type: "question.answered", actor: "user", ...prompts.running(), data: { questionId: id, answers } });
      return send(200, { session });
    }
    if (verb === "permissions" && id) {
      const reply = AnswerPermissionBody.parse(body);
      record({
        type: "permission.answered",
        actor: "user",
        ...prompts.running(),
        data: { permissionId: id, ...reply },
      });
      return send(200, { session });
    }
    if (path.startsWith(`/api/sessions/${session.id}`)) {
      if (request.method === "DELETE") show({ deletedAt: new Date().toISOString() });
      else show(path.endsWith("/restore") ? { deletedAt: null } : body);
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
        live,
        jobs: publish.runningJobs(),
        ports,
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
    proposal: publish.proposal,
    asked: publish.asked,
    play: async () => {
      const id = newId("prompt");
      const { model, effort } = session;
      const data = { text: FIRST_PROMPT, mode: "queue" as const, model, effort };
      record({ type: "prompt.queued", actor: "user", promptId: id, data });
      await prompts.play(id, FIRST_PROMPT);
    },
    dropConnections: () => {
      for (const socket of [...sockets, ...fleetSockets]) socket.terminate();
    },
    loseNextAnswer: () => {
      losesNext = true;
    },
    close: async () => {
      review.close();
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
