import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  type HubFrame,
  type Report,
  type ReportBody,
  type SandboxSpec,
  SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import { SUPERVISOR_PROTOCOL_VERSION } from "@background-agents/shared/protocol/version";
import { type WebSocket, WebSocketServer } from "ws";

export interface FakeHubOptions {
  listen: { path: string } | { port: number; host: string };
  token: string;
  spec: SandboxSpec;
  /** Base URL of the scripted model that `/llm/<provider>/…` is passed to. */
  modelUrl: string;
  /** False keeps reports unacknowledged. */
  ack?: () => boolean;
  /** What `GET /restore/…` answers, for a checkpoint where one is named; undefined where there is nothing. */
  restore?: (what: string, checkpointId: string | null) => Buffer | undefined;
  /** What `GET /secrets` gives. */
  secrets?: () => Record<string, string>;
  /** The status to refuse an upload with; undefined takes it. */
  refuse?: (path: string) => number | undefined;
  /** What an upload waits for before it is answered. */
  hold?: (path: string) => Promise<void> | undefined;
}

export interface Upload {
  path: string;
  query: URLSearchParams;
  body: Buffer;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The server's side of the hub: control socket, model gateway, uploads, CONNECT; remembers everything it was told. */
export async function startFakeHub(options: FakeHubOptions) {
  const frames: SupervisorFrame[] = [];
  /** By boot and number: what came twice is one. */
  const reports = new Map<string, Report>();
  const uploads: Upload[] = [];
  const connectTargets: string[] = [];
  let sockets: WebSocket[] = [];
  let received = 0;
  let held = 0;
  let ready = 0;
  const watchers: (() => void)[] = [];
  const changed = () => {
    for (const wake of watchers.splice(0)) wake();
  };
  const isOurs = (incoming: IncomingMessage) => incoming.headers.authorization === `Bearer ${options.token}`;

  function passToModel(incoming: IncomingMessage, response: ServerResponse): void {
    const upstream = request(`${options.modelUrl}${incoming.url}`, {
      method: incoming.method,
      headers: incoming.headers,
    });
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", () => undefined);
      answer.on("close", () => {
        if (!answer.complete) response.destroy();
      });
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  }

  async function takeUpload(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://hub");
    const body = await readAll(incoming);
    const hold = options.hold?.(url.pathname);
    if (hold) {
      held += 1;
      changed();
      await hold;
      if (incoming.destroyed && !response.writable) return;
    }
    const refused = options.refuse?.(url.pathname);
    if (refused !== undefined) {
      response
        .writeHead(refused)
        .end(JSON.stringify({ error: { code: "checkpoint.refused", message: "refused by the test" } }));
      return;
    }
    uploads.push({ path: url.pathname, query: url.searchParams, body });
    const commit = url.searchParams.get("commit");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(commit ? { commit, files: 0, additions: 0, deletions: 0 } : {}));
    changed();
  }

  function sendRestore(path: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(path, "http://hub");
    const content = options.restore?.(pathname.slice("/restore/".length), searchParams.get("checkpoint"));
    response.writeHead(content ? 200 : 404).end(content);
  }

  const server = createServer((incoming, response) => {
    if (!isOurs(incoming)) response.writeHead(401).end();
    else if (incoming.url?.startsWith("/llm/")) passToModel(incoming, response);
    else if (incoming.method === "PUT") takeUpload(incoming, response).catch(() => response.destroy());
    else if (incoming.url?.startsWith("/restore/")) sendRestore(incoming.url, response);
    else if (incoming.url === "/secrets") response.end(JSON.stringify({ env: options.secrets?.() ?? {} }));
    else response.writeHead(404).end();
  });

  server.on("connect", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = incoming.url ?? "";
    connectTargets.push(target);
    const [host = "", port = "0"] = target.split(":");
    client.on("error", () => undefined);
    if (!isOurs(incoming) || host !== "127.0.0.1") {
      client.end("HTTP/1.1 403 Not on the list\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy());
  });

  const control = new WebSocketServer({ noServer: true });
  const send = (socket: WebSocket, frame: HubFrame) => socket.send(JSON.stringify(frame));
  server.on("upgrade", (incoming: IncomingMessage, socket, head) => {
    if (!isOurs(incoming) || incoming.url !== "/control") return void socket.destroy();
    control.handleUpgrade(incoming, socket, head, (client) => {
      let boot = "";
      sockets.push(client);
      client.on("close", () => (sockets = sockets.filter((other) => other !== client)));
      client.on("message", (data) => {
        const frame = SupervisorFrame.parse(JSON.parse(Buffer.from(data as Buffer).toString("utf8")));
        frames.push(frame);
        if (frame.type === "hello") {
          boot = frame.boot;
          send(client, { type: "welcome", protocolVersion: SUPERVISOR_PROTOCOL_VERSION, spec: options.spec });
        }
        if (frame.type === "report") {
          received += 1;
          const key = `${boot} ${frame.report}`;
          if (frame.body.kind === "boot.ready" && !reports.has(key)) ready += 1;
          if (!reports.has(key)) reports.set(key, frame);
          if (options.ack?.() ?? true) send(client, { type: "ack", report: frame.report });
        }
        changed();
      });
    });
  });

  server.listen(options.listen);
  await once(server, "listening");
  const address = server.address();
  const stored = () => Array.from(reports.values());

  /** Resolves with the first value that is not undefined; looked for again after each thing the supervisor does. */
  async function until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  }

  return {
    url: "path" in options.listen ? `unix:${options.listen.path}` : `tcp:127.0.0.1:${(address as AddressInfo).port}`,
    frames,
    uploads,
    connectTargets,
    /** Reports in the order they first came, each once however often it came. */
    reports: stored,
    bodies: (): ReportBody[] => stored().map(({ body }) => body),
    receivedReports: () => received,
    /** How many uploads were kept waiting. */
    heldUploads: () => held,
    /** How often a sandbox said that it is ready. */
    readyCount: () => ready,
    isConnected: () => sockets.length > 0,
    send: (frame: HubFrame) => {
      for (const socket of sockets) send(socket, frame);
    },
    until,
    /** Cuts every control socket, as a network would: no close frame. */
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
    untilReport: <K extends ReportBody["kind"]>(
      kind: K,
      matches: (body: Extract<ReportBody, { kind: K }>) => boolean = () => true,
    ): Promise<Extract<ReportBody, { kind: K }>> =>
      until(() => {
        for (const { body } of stored()) {
          if (body.kind !== kind) continue;
          const candidate = body as Extract<ReportBody, { kind: K }>;
          if (matches(candidate)) return candidate;
        }
        return undefined;
      }),
    async close(): Promise<void> {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type FakeHub = Awaited<ReturnType<typeof startFakeHub>>;
