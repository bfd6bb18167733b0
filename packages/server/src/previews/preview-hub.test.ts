import { EventEmitter, once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { PreviewTarget } from "./preview-addresses.ts";
import { createPreviewHub } from "./preview-hub.ts";
import type { TunnelOrder } from "./preview-tunnels.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const TARGET: PreviewTarget = { sessionId: "ses_0000000000000000000000000a" as PreviewTarget["sessionId"], port: 3000 };

/** A way into an application: what the hub gets, and the application's side of it. */
async function openTunnel(): Promise<{ tunnel: Socket; app: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const tunnel = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [app] = (await accepted) as [Socket];
  closing.push(
    () => app.destroy(),
    () => server.close(),
  );
  return { tunnel, app: app.on("error", () => undefined) };
}

/** A hub whose tunnels the test opens, and a browser that asks it. */
async function ask(kind: "page" | "upgrade", idleLimitMs?: number) {
  const held = new EventEmitter();
  const asked = once(held, "asked");
  const orders: TunnelOrder[] = [];
  const hub = createPreviewHub({
    port: 0,
    addresses: { find: () => TARGET },
    tunnels: {
      async open(order) {
        orders.push(order);
        const [socket] = (await once(held, "opened")) as [Socket];
        return { socket };
      },
    },
    isOpen: () => true,
    buildPolicy: () => "default-src 'self'",
    // Asked before a tunnel is.
    isServiceWorker: (request) => {
      held.emit("asked", request);
      return false;
    },
    idleLimitMs,
  });
  const port = await hub.ensureListening();
  closing.push(() => hub.close());
  const browser = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).setEncoding("utf8");
  browser.on("error", () => undefined);
  const upgrade = kind === "upgrade" ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" : "";
  browser.write(`GET / HTTP/1.1\r\nHost: a.localhost:${port}\r\n${upgrade}\r\n`);
  const [request] = (await asked) as [IncomingMessage];
  return { browser, request, orders, opened: (tunnel: Socket) => held.emit("opened", tunnel) };
}

it.each(["page", "upgrade"] as const)("gives up an application that never answers: %s", async (kind) => {
  const { browser, opened } = await ask(kind, 100);
  const { tunnel, app } = await openTunnel();
  const gone = once(app.resume(), "end");
  opened(tunnel);
  const [answer] = (await once(browser, "data")) as [string];
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  await gone;
});

it.each(["page", "upgrade"] as const)("says for what it opens a way: a %s", async (kind) => {
  const { opened, orders } = await ask(kind);
  const { tunnel, app } = await openTunnel();
  const arrived = once(app, "data");
  opened(tunnel);
  await arrived;
  expect(orders).toEqual([{ ...TARGET, host: expect.any(String), isUpgrade: kind === "upgrade" }]);
});

it("closes the way of a browser that leaves before its upgrade is answered", async () => {
  const { browser, opened } = await ask("upgrade");
  const { tunnel, app } = await openTunnel();
  const arrived = once(app, "data");
  opened(tunnel);
  await arrived;
  const gone = once(app, "end");
  browser.end();
  await gone;
  expect(tunnel.destroyed).toBe(true);
});

it.each(["page", "upgrade"] as const)("opens no way for a browser that left before it: a %s", async (kind) => {
  const { browser, request, opened } = await ask(kind);
  const left = once(request.socket, "end");
  const closed = once(browser.resume(), "close");
  browser.end();
  await left;
  const { tunnel, app } = await openTunnel();
  const got: unknown[] = [];
  app.on("data", (data) => got.push(data));
  const gone = once(app, "end");
  opened(tunnel);
  await gone;
  expect(got).toEqual([]);
  await closed;
});

it("lets either side of an upgrade that was answered end without the other", async () => {
  const { browser, opened } = await ask("upgrade");
  const { tunnel, app } = await openTunnel();
  const arrived = once(app, "data");
  opened(tunnel);
  await arrived;
  const agreed = once(browser, "data");
  app.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  expect(String(await agreed)).toMatch(/^HTTP\/1\.1 101 /);
  const ended = once(app, "end");
  browser.end();
  await ended;
  const last = once(browser, "data");
  app.end("the last word");
  expect(String(await last)).toBe("the last word");
});
