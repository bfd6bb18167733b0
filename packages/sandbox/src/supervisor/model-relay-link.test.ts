import { once } from "node:events";
import { createServer, request, type IncomingMessage, type RequestListener } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGate } from "../testing/gate.ts";
import { freePort } from "../testing/sandbox-fixture.ts";
import { startModelRelay } from "./model-relay-link.ts";

let root: string;
let closing: (() => void)[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "relay-"));
  closing = [];
});
afterEach(() => {
  for (const close of closing) close();
  rmSync(root, { recursive: true, force: true });
});

async function startHub(path: string, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(path);
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
}

async function startRelay(connected: () => Promise<void> = () => Promise.resolve()): Promise<number> {
  const port = await freePort();
  const relay = await startModelRelay({
    address: { kind: "unix", path: join(root, "hub.sock") },
    token: "tok",
    port,
    connected,
  });
  closing.push(relay.close);
  return port;
}

async function post(port: number, body: string): Promise<IncomingMessage> {
  const outgoing = request({ port, host: "127.0.0.1", path: "/llm/demo/v1/messages", method: "POST" });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

/** Reads a response to its end, however it ends. */
function drained(response: IncomingMessage): Promise<void> {
  response.on("error", () => undefined);
  response.resume();
  return new Promise((resolve) => response.once("close", resolve));
}

it("passes a request on with the token, and streams the answer", async () => {
  const gate = createGate();
  await startHub(join(root, "hub.sock"), (incoming, response) => {
    response.writeHead(429, { "retry-after": "7", "x-seen": incoming.headers.authorization });
    response.write("first");
    void gate.opened.then(() => response.end("second"));
  });
  const response = await post(await startRelay(), "{}");
  expect([response.statusCode, response.headers["retry-after"], response.headers["x-seen"]]).toEqual([
    429,
    "7",
    "Bearer tok",
  ]);
  const [chunk] = (await once(response, "data")) as [Buffer];
  expect(chunk.toString()).toBe("first");
  gate.open();
  const [rest] = (await once(response, "data")) as [Buffer];
  expect(rest.toString()).toBe("second");
});

it("breaks the client's connection when the hub's dies mid-stream, and never ends it cleanly", async () => {
  await startHub(join(root, "hub.sock"), (_incoming, response) => {
    response.writeHead(200);
    response.write("half");
    setImmediate(() => response.destroy());
  });
  const response = await post(await startRelay(), "{}");
  await drained(response);
  expect(response.complete).toBe(false);
});

it("ends cleanly where the hub does: the control of the one above", async () => {
  await startHub(join(root, "hub.sock"), (_incoming, response) => response.end("whole"));
  const response = await post(await startRelay(), "{}");
  await drained(response);
  expect(response.complete).toBe(true);
});

it("holds a request while the hub is away", async () => {
  const gate = createGate();
  const port = await startRelay(() => gate.opened);
  const answered = post(port, `{"kept":true}`);
  let body = "";
  await startHub(join(root, "hub.sock"), (incoming, response) => {
    incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
    incoming.on("end", () => response.end("here"));
  });
  gate.open();
  expect((await answered).statusCode).toBe(200);
  expect(body).toBe(`{"kept":true}`);
});

it("tries again when the hub's socket is not there yet", async () => {
  const port = await startRelay();
  const answered = post(port, "{}");
  await startHub(join(root, "hub.sock"), (_incoming, response) => response.end("here"));
  expect((await answered).statusCode).toBe(200);
});
