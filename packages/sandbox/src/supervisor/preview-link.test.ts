import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { joinPreview } from "./preview-link.ts";

let root: string;
let hub: Server;
let asked: string[];
let onTunnel: (tunnel: Duplex) => void;
const apps: TcpServer[] = [];

/** A hub that takes the tunnels it is dialled for. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "preview-"));
  asked = [];
  const note = ({ method, url, headers }: IncomingMessage) => asked.push(`${method} ${url} ${headers.authorization}`);
  hub = createServer((incoming, response) => {
    note(incoming);
    response.writeHead(204).end();
    hub.emit("told");
  });
  hub.on("upgrade", (incoming: IncomingMessage, socket: Duplex) => {
    note(incoming);
    if (incoming.url !== "/preview/abc") return socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    // The first words come along with the answer.
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly ");
    return onTunnel(socket);
  });
  await once(hub.listen(join(root, "hub.sock")), "listening");
});
afterEach(() => {
  for (const app of apps.splice(0)) app.close();
  hub.closeAllConnections();
  hub.close();
  rmSync(root, { recursive: true, force: true });
});

async function serve(onSocket: (socket: Socket) => void, host = "127.0.0.1"): Promise<number> {
  const app = createTcpServer({ allowHalfOpen: true }, onSocket).listen(0, host);
  apps.push(app);
  await once(app, "listening");
  return (app.address() as AddressInfo).port;
}

const order = () => ({
  address: { kind: "unix" as const, path: join(root, "hub.sock") },
  token: "tok",
  isOwnPort: (port: number) => port === 4097,
});

it("joins the port to the tunnel, both ways and to the last byte", async () => {
  const port = await serve((socket) => {
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    // Much more than any buffer on the way holds, and then the end at once.
    socket.once("end", () => socket.end(heard + "x".repeat(20_000_000)));
  });
  const received = new Promise<string>((resolve) => {
    onTunnel = (tunnel) => {
      tunnel.end("and late");
      let text = "";
      tunnel.on("data", (chunk: Buffer) => (text += chunk.toString()));
      tunnel.once("end", () => resolve(text));
    };
  });
  await joinPreview({ tunnelId: "abc", port }, order());
  const text = await received;
  expect([text.slice(0, 14), text.length]).toEqual(["early and late", 20_000_014]);
  expect(asked).toEqual(["GET /preview/abc Bearer tok"]);
});

it.each([
  ["nothing listens", 1],
  ["the port is the sandbox's own", 4097],
])("says so where %s", async (_name, port) => {
  const told = once(hub, "told");
  await joinPreview({ tunnelId: "abc", port }, order());
  await told;
  expect(asked).toEqual(["DELETE /preview/abc Bearer tok"]);
});

it("lets go of the application where the hub does not want the tunnel, or is away", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const port = await serve((socket) => {
    closed = once(socket.resume(), "close");
    socket.once("end", () => socket.end());
  });
  await joinPreview({ tunnelId: "other", port }, order());
  await closed;
  hub.close();
  rmSync(join(root, "hub.sock"), { force: true });
  await joinPreview({ tunnelId: "abc", port }, order());
  await closed;
});
