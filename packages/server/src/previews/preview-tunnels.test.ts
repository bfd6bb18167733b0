import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { newId } from "@background-agents/shared/ids";
import type { HubFrame } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPreviewTunnels } from "./preview-tunnels.ts";

const sessionId = newId("session");
let server: Server;
let sockets: Socket[];
let now: number;

beforeEach(async () => {
  [sockets, now] = [[], 1000];
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

/** Both ends of what a supervisor dialled: the server's, and the sandbox's. */
async function dial(): Promise<[Socket, Socket]> {
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  sockets.push(near, far);
  return [near, far];
}

function openTunnels() {
  const asked: HubFrame[] = [];
  const send = (_id: unknown, frame: HubFrame): boolean => asked.push(frame) > 0;
  const tunnels = createPreviewTunnels({ send, clock: { now: () => new Date(now) } });
  return {
    /** What a supervisor dials for a browser; null: nothing listens at the port. */
    async look(kind: "page" | "upgrade", listens = true): Promise<[Socket, Socket] | null> {
      const opening = tunnels.open({ sessionId, port: 5173, isUpgrade: kind === "upgrade" });
      const frame = asked.at(-1);
      if (frame?.type !== "preview.connect") throw new Error("no tunnel was asked for");
      const { tunnelId } = frame;
      if (!listens) {
        tunnels.accept(sessionId, { tunnelId });
        expect(await opening).toEqual({ failed: "nothing-listens" });
        return null;
      }
      const [near, far] = await dial();
      tunnels.accept(sessionId, { tunnelId, socket: near, head: Buffer.alloc(0) });
      expect(await opening).toEqual({ socket: near });
      await once(far, "data");
      return [near, far];
    },
    usedAt: (): number | undefined => tunnels.lastUsedAt(sessionId)?.getTime(),
    tunnels,
  };
}

test("tells when something was last asked of what runs in the sandbox", async () => {
  const { look, usedAt, tunnels } = openTunnels();
  expect(usedAt()).toBeUndefined();
  const page = await look("page");
  expect(usedAt()).toBe(1000);
  expect(tunnels.lastUsedAt(newId("session"))).toBeUndefined();

  now = 2000;
  const closed = once(page?.[0] ?? server, "close");
  page?.[0].destroy();
  await closed;
  expect(usedAt()).toBe(1000);
  now = 3000;
  await look("page");
  expect(usedAt()).toBe(3000);
});

test("a page that is left open, and its server's connection to it, are no use of the sandbox", async () => {
  const { look, usedAt } = openTunnels();
  const page = await look("page");
  now = 2000;
  const socket = await look("upgrade");
  for (const [near, far] of [page ?? [], socket ?? []]) {
    if (!near || !far) throw new Error("no tunnel was opened");
    const heard = once(near, "data");
    far.write("ping");
    await heard;
    const answered = once(far, "data");
    near.write("pong");
    await answered;
  }
  expect(usedAt()).toBe(1000);
});

test("a page that asks for a server that has ended does not use the sandbox", async () => {
  const { look, usedAt } = openTunnels();
  await look("page", false);
  expect(usedAt()).toBeUndefined();
});
