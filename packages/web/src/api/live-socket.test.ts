// @vitest-environment happy-dom
import type { AddressInfo } from "node:net";
import { FleetFrame } from "@background-agents/shared/protocol/session-frames";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { useAccess } from "./access-store.ts";
import { type Connection, type LiveSocket, openLiveSocket } from "./live-socket.ts";

let server: WebSocketServer;
let socket: LiveSocket | undefined;
/** What the page saw, in order. */
const seen: (Connection | "snapshot")[] = [];
let wake: () => void = () => undefined;
/** Whether the server cuts each connection that it has told its snapshot. */
let cuts = true;

function see(what: Connection | "snapshot"): void {
  seen.push(what);
  wake();
}

async function until(what: Connection | "snapshot", count: number): Promise<void> {
  while (seen.filter((one) => one === what).length < count) await new Promise<void>((resolve) => (wake = resolve));
}

/** How long the page waits before it dials again, in ms; that time has passed then. */
function waited(): number {
  const before = Date.now();
  vi.advanceTimersToNextTimer();
  return Date.now() - before;
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => BROWSER_SUBPROTOCOL });
  server.on("connection", (connection: WebSocket) => {
    connection.send(JSON.stringify({ type: "snapshot", sessions: [] }), () => cuts && connection.close());
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  document.head.innerHTML = `<meta name="api-url" content="http://127.0.0.1:${port}">`;
  useAccess.setState({ token: "token", access: "granted" });
});

afterEach(async () => {
  socket?.close();
  vi.useRealTimers();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

test("a socket that is cut each time it was told everything is dialled ever later, until one holds", async () => {
  socket = openLiveSocket({
    path: () => "/api/socket",
    frame: FleetFrame,
    onFrame: () => see("snapshot"),
    onConnection: see,
  });
  const delays: number[] = [];
  for (let round = 1; round <= 5; round += 1) {
    await until("reconnecting", round);
    if (round === 5) cuts = false;
    delays.push(waited());
  }
  expect(delays.map((delay, round) => delay >= 200 * 2 ** round)).toEqual([true, true, true, true, true]);

  await until("snapshot", 6);
  expect(waited()).toBe(5000);
  for (const client of server.clients) client.close();
  await until("reconnecting", 6);
  expect(waited()).toBeLessThanOrEqual(400);
});
