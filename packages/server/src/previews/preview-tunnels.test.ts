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

test("tells when a tunnel was last used: opened, closed, or something went through it", async () => {
  const asked: HubFrame[] = [];
  const send = (_id: unknown, frame: HubFrame): boolean => asked.push(frame) > 0;
  const tunnels = createPreviewTunnels({ send, clock: { now: () => new Date(now) } });
  const usedAt = (): number | undefined => tunnels.lastUsedAt(sessionId)?.getTime();
  expect(usedAt()).toBeUndefined();

  const opening = tunnels.open({ sessionId, port: 5173 });
  const [frame] = asked;
  if (frame?.type !== "preview.connect") throw new Error("no tunnel was asked for");
  const [near, far] = await dial();
  tunnels.accept(sessionId, { tunnelId: frame.tunnelId, socket: near, head: Buffer.alloc(0) });
  expect(await opening).toEqual({ socket: near });
  await once(far, "data");
  expect(usedAt()).toBe(1000);

  // Left open, it is not used.
  now = 2000;
  expect(usedAt()).toBe(1000);
  now = 3000;
  const heard = once(near, "data");
  far.write("reload");
  await heard;
  expect(usedAt()).toBe(3000);
  expect(tunnels.lastUsedAt(newId("session"))).toBeUndefined();

  now = 4000;
  near.destroy();
  await once(near, "close");
  expect(usedAt()).toBe(4000);
});
