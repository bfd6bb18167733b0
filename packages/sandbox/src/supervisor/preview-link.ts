import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type HubAddress, hubRequestOptions } from "./hub-address.ts";

export interface PreviewOrder {
  tunnelId: string;
  /** On the container's own loopback. */
  port: number;
}

/**
 * Joins a port of the sandbox to the tunnel that the server asked for, or tells it that nothing listens there. Resolves
 * when the connection is over; never rejects.
 */
export async function joinPreview(
  { tunnelId, port }: PreviewOrder,
  hub: { address: HubAddress; token: string; isOwnPort: (port: number) => boolean },
): Promise<void> {
  const options = { ...hubRequestOptions(hub.address), path: `/preview/${tunnelId}` };
  const authorization = `Bearer ${hub.token}`;
  // Development servers listen on either loopback.
  const app = hub.isOwnPort(port) ? undefined : ((await dial("127.0.0.1", port)) ?? (await dial("::1", port)));
  if (!app) {
    const told = request({ ...options, method: "DELETE", headers: { authorization } });
    told.on("error", () => undefined);
    told.on("response", (answer) => answer.resume());
    told.end();
    return;
  }
  const headers = { authorization, connection: "Upgrade", upgrade: "background-agents-preview" };
  const outgoing = request({ ...options, headers });
  app.once("close", () => outgoing.destroy());
  outgoing.end();
  const tunnel = await new Promise<Duplex | undefined>((resolve) => {
    outgoing.once("error", () => resolve(undefined));
    outgoing.once("response", () => resolve(undefined));
    outgoing.once("upgrade", (_answer, socket: Duplex, head: Buffer) => {
      socket.allowHalfOpen = true;
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
  });
  if (!tunnel) {
    app.destroy();
    outgoing.destroy();
    return;
  }
  // What ended in order is passed on to its end; what broke takes the other side with it.
  await Promise.allSettled([pipeline(app, tunnel), pipeline(tunnel, app)]);
}

async function dial(host: string, port: number): Promise<Socket | undefined> {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    return undefined;
  }
}
