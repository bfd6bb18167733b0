import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import type { BlockedReport } from "../blocked-reports.ts";
import type { EgressPolicy } from "../egress-policy.ts";
import { createEgressProxy, type EgressProxyDeps } from "../egress-proxy.ts";
import { connectToAny } from "../tunnel-client.ts";

const closing: (() => void)[] = [];

/** Ends everything that was opened here. */
export function closeProxies(): void {
  for (const close of closing.splice(0)) close();
}

export const portOf = (server: Server | HttpServer) => (server.address() as AddressInfo).port;

export async function listen<S extends Server | HttpServer>(server: S): Promise<S> {
  const sockets = new Set<Duplex>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

export const LISTED: EgressPolicy = { mode: "allowlist", rules: [{ host: "registry.example" }] };
export const NONE: EgressPolicy = { mode: "none", rules: [] };
export const OPEN: EgressPolicy = { mode: "open", rules: [] };

/** What a tunnel leads to: says hello, then gives back what it hears. */
export async function echoServer() {
  const server = await listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("hello ");
      socket.pipe(socket);
    }),
  );
  return { port: portOf(server), server };
}

export async function startProxy({ policy = LISTED, ...deps }: Partial<EgressProxyDeps> & { policy?: EgressPolicy }) {
  const blocked: BlockedReport[] = [];
  const sessionId = newId("session");
  const proxy = createEgressProxy({
    findPolicy: () => policy,
    onBlocked: (each) => blocked.push(each),
    log: { debug: () => undefined, warn: () => undefined },
    resolve: async () => ["93.184.216.34"],
    ...deps,
  });
  const hub = await listen(createHttpServer());
  hub.on("connect", (request, socket, head) => proxy.handleConnect({ sessionId, request, socket, head }));
  return { port: portOf(hub), blocked, sessionId, proxy };
}

/** Sends everything to the local server whatever address was checked, and remembers the addresses. */
export function connectLocally(port: number) {
  const addresses: string[] = [];
  const connectTo: EgressProxyDeps["connect"] = async (given, _port, signal) => {
    addresses.push(...given);
    return connectToAny(["127.0.0.1"], port, signal);
  };
  return { addresses, connect: connectTo };
}

/** `early` goes along with the CONNECT, before it is answered. */
export async function tunnel(port: number, authority: string, early: Buffer = Buffer.alloc(0)) {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  closing.push(() => socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  let look = (): void => undefined;
  const ended = once(socket, "close").then(() => text);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    look();
  });
  socket.on("end", () => socket.end());
  socket.write(Buffer.concat([Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`), early]));
  const until = async (part: string) =>
    new Promise<string>((resolve) => {
      look = () => text.includes(part) && resolve(text);
      look();
    });
  return { socket, ended, until };
}
