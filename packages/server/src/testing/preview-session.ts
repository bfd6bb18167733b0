import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import type { HubFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeSupervisor } from "./fake-supervisor.ts";
import { makeRepository, startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer | undefined;
const closing: (() => unknown)[] = [];

/** Ends what a test opened. */
export async function closePreviewSession(): Promise<void> {
  for (const close of closing.splice(0)) await close();
  await server?.close();
  server = undefined;
}

/** A session whose sandbox is up and does nothing by itself. */
export async function openPreviewSession(env?: Record<string, string>) {
  const running = (server = await startTestServer({
    onTurn: async ({ supervisor, deliver }) => {
      const ids = { promptId: deliver.promptId, turnId: deliver.turnId };
      await supervisor.report({ kind: "turn.started", ...ids, messageId: "msg_1" });
      await supervisor.report({ kind: "turn.ended", ...ids, outcome: "completed", durationMs: 1 });
    },
    ...(env && { env }),
  }));
  const repository = makeRepository(running.reposDir, "example");
  const make = async () => {
    const order = { repository, model: "demo/scripted", prompt: { text: "first" } };
    const { session } = (await running.call("POST", "/api/sessions", order)).body as { session: Session };
    const watcher = await running.watch(session.id, 0);
    await watcher.waitForEvent("prompt.completed");
    return { session, watcher, path: `/api/sessions/${session.id}` };
  };
  return { running, make, ...(await make()) };
}

const containerOf = (sessionId: string) =>
  [...(server as TestServer).provider.containers.values()].findLast((one) => one.sessionId === sessionId);
export const supervisorOf = (sessionId: string) => containerOf(sessionId)?.supervisor as FakeSupervisor;

/** How a supervisor of the session asks its hub. */
export function hubOptions(sessionId: string): { socketPath: string; headers: Record<string, string> } {
  const directory = containerOf(sessionId)?.order.hubDirectory ?? "";
  const authorization = `Bearer ${readFileSync(join(directory, "token"), "utf8")}`;
  return { socketPath: join(directory, "hub.sock"), headers: { authorization } };
}

/** Dials the hub of a session's sandbox as its supervisor does, for the tunnel of that name. */
export async function dial(
  sessionId: string,
  tunnelId: string,
  token?: string,
): Promise<{ status: number; socket: Duplex }> {
  const { headers, ...hub } = hubOptions(sessionId);
  const outgoing = request({
    ...{ ...hub, path: `/preview/${tunnelId}` },
    headers: {
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...{ connection: "Upgrade", upgrade: "background-agents-preview" },
    },
  }).end();
  return new Promise((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("upgrade", (_answer, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ status: 101, socket: socket.on("error", () => 0) });
    });
    outgoing.once("response", (answer) => resolve({ status: answer.statusCode ?? 0, socket: answer.socket }));
  });
}

type Connect = Extract<HubFrame, { type: "preview.connect" }>;
export const nextConnect = async (sessionId: string) =>
  (await supervisorOf(sessionId).waitFor("preview.connect")) as Connect;

/** Joins what the session's previews ask for to an application on this machine. */
export function joinTo(sessionId: string, app: Server): void {
  void (async () => {
    for (;;) {
      const { tunnelId } = await nextConnect(sessionId);
      const { socket } = await dial(sessionId, tunnelId);
      const remote: Socket = connect((app.address() as AddressInfo).port, "127.0.0.1").on("error", () =>
        socket.destroy(),
      );
      socket.pipe(remote).pipe(socket);
    }
  })();
}

export async function serveApp(listener: RequestListener): Promise<Server> {
  const app = createServer(listener).listen(0, "127.0.0.1");
  await once(app, "listening");
  closing.push(() => (app.closeAllConnections(), app.close()));
  return app;
}

export const openPreview = async (path: string, port: number) =>
  (await (server as TestServer).call("POST", `${path}/previews`, { port })) as {
    status: number;
    body: { url: string; error?: { code: string; message: string } };
  };

interface Got {
  status: number;
  headers: IncomingMessage["headers"];
  text: string;
}

/** Asks the preview's listener as a browser does, under whatever Host. */
export function get(
  url: string,
  over: { host?: string; headers?: Record<string, string | string[]>; method?: string; body?: string } = {},
) {
  const { port, pathname, host } = new URL(url);
  const headers = { host: over.host ?? host, ...over.headers };
  return new Promise<Got>((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path: pathname, method: over.method ?? "GET", headers });
    outgoing.once("error", reject);
    outgoing.once("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.once("error", reject);
    });
    outgoing.end(over.body);
  });
}
