import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { afterEach, describe, expect, it } from "vitest";
import type { BlockedReport } from "./blocked-reports.ts";
import type { EgressPolicy } from "./egress-policy.ts";
import { createEgressProxy, type EgressProxyDeps } from "./egress-proxy.ts";
import { connectToAny } from "./tunnel-client.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const portOf = (server: Server | HttpServer) => (server.address() as AddressInfo).port;

async function listen<S extends Server | HttpServer>(server: S): Promise<S> {
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

const LISTED: EgressPolicy = { mode: "allowlist", rules: [{ host: "registry.example" }] };
const NONE: EgressPolicy = { mode: "none", rules: [] };
const OPEN: EgressPolicy = { mode: "open", rules: [] };

/** What a tunnel leads to: says hello, then gives back what it hears. */
async function echoServer() {
  const server = await listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("hello ");
      socket.pipe(socket);
    }),
  );
  return { port: portOf(server), server };
}

async function startProxy({ policy = LISTED, ...deps }: Partial<EgressProxyDeps> & { policy?: EgressPolicy }) {
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
function connectLocally(port: number) {
  const addresses: string[] = [];
  const connectTo: EgressProxyDeps["connect"] = async (given, _port, signal) => {
    addresses.push(...given);
    return connectToAny(["127.0.0.1"], port, signal);
  };
  return { addresses, connect: connectTo };
}

async function tunnel(port: number, authority: string) {
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
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  const until = async (part: string) =>
    new Promise<string>((resolve) => {
      look = () => text.includes(part) && resolve(text);
      look();
    });
  return { socket, ended, until };
}

describe("createEgressProxy", () => {
  it("carries bytes both ways to an allowed host, and ends with the remote side", async () => {
    const echo = await echoServer();
    const local = connectLocally(echo.port);
    const proxy = await startProxy({ connect: local.connect });
    const client = await tunnel(proxy.port, "registry.example:443");
    await client.until("hello ");
    client.socket.end("ping");
    expect(await client.ended).toBe("HTTP/1.1 200 Connection established\r\n\r\nhello ping");
    expect(local.addresses).toEqual(["93.184.216.34"]);
    expect(proxy.blocked).toEqual([]);
  });

  it("refuses what is not on the list, says why, and reports it", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect });
    const answer = await (await tunnel(proxy.port, "evil.example:443")).ended;
    const words =
      "Blocked by the sandbox's network policy: evil.example is not on the list of allowed hosts; " +
      "the user was asked and may allow it";
    expect(answer.split("\r\n", 1)).toEqual([`HTTP/1.1 403 ${words}`]);
    expect(answer.split("\r\n\r\n")[1]).toBe(`${words}\n`);
    expect(proxy.blocked).toEqual([
      {
        sessionId: proxy.sessionId,
        host: "evil.example",
        port: 443,
        reason: "evil.example is not on the list of allowed hosts",
        allowable: true,
        times: 1,
      },
    ]);
  });

  it("reaches the user's own remotes for their session only, port by port, and not where there is no network", async () => {
    const echo = await echoServer();
    const { connect: connectTo } = connectLocally(echo.port);
    const listOwnTargets = async () => ["git.example:22", "127.0.0.1:2222"];
    const proxy = await startProxy({ connect: connectTo, listOwnTargets });
    for (const target of ["git.example:22", "GIT.example:22", "127.0.0.1:2222"]) {
      const client = await tunnel(proxy.port, target);
      await client.until("hello ");
      client.socket.end();
    }
    for (const target of ["git.example:2222", "127.0.0.1:22", "git.example.evil:22", "git.example:022"]) {
      expect(await (await tunnel(proxy.port, target)).ended).toMatch(/^HTTP\/1\.1 403 Blocked/);
    }
    const others = await startProxy({ connect: connectTo, listOwnTargets: async () => [] });
    const closed = await startProxy({ connect: connectTo, listOwnTargets, policy: NONE });
    for (const { port } of [others, closed]) {
      expect(await (await tunnel(port, "git.example:22")).ended).toMatch(/^HTTP\/1\.1 403 Blocked/);
    }
  });

  it.each(["127.0.0.1", "169.254.169.254", "10.0.0.5", "::1", "fd00:ec2::254", "::ffff:10.0.0.5"])(
    "refuses an allowed name that leads to %s, alone or among public addresses",
    async (address) => {
      for (const addresses of [[address], ["93.184.216.34", address]]) {
        const local = connectLocally(1);
        const proxy = await startProxy({ connect: local.connect, resolve: async () => addresses });
        const answer = await (await tunnel(proxy.port, "registry.example:443")).ended;
        expect(answer).toContain("an address that is not public");
        expect(local.addresses).toEqual([]);
      }
    },
  );

  it("takes a stand-in of an intercepting network for a listed name, not for a made-up one", async () => {
    const echo = await echoServer();
    const local = connectLocally(echo.port);
    const resolve = async () => ["203.0.113.7"];
    const listed = await startProxy({ connect: local.connect, resolve });
    expect(await (await tunnel(listed.port, "registry.example:443")).until("hello ")).toContain("200");
    const open = await startProxy({ policy: OPEN, connect: local.connect, resolve });
    expect(await (await tunnel(open.port, "made-up.example:443")).ended).toContain("an address that is not public");
  });

  it("reaches the loopback when that guard is off (control of the test above)", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({
      resolve: async () => ["127.0.0.1"],
      isAllowedAddress: () => true,
      connect: async (addresses, _port, signal) => connectToAny(addresses, echo.port, signal),
    });
    const client = await tunnel(proxy.port, "registry.example:443");
    expect(await client.until("hello ")).toContain("200 Connection established");
  });

  it("asks for the name once and connects to what was checked, though the name changes its mind", async () => {
    const echo = await echoServer();
    const answers = [["93.184.216.34"], ["127.0.0.1"]];
    let asked = 0;
    const local = connectLocally(echo.port);
    const proxy = await startProxy({
      connect: local.connect,
      resolve: async () => answers[asked++] ?? [],
    });
    await (await tunnel(proxy.port, "registry.example:443")).until("hello ");
    expect(asked).toBe(1);
    expect(local.addresses).toEqual(["93.184.216.34"]);
    const second = await (await tunnel(proxy.port, "registry.example:443")).ended;
    expect(second).toContain("403 Blocked");
  });

  it("is closed where the policy cannot be told", async () => {
    const local = connectLocally(1);
    const broken = await startProxy({
      connect: local.connect,
      findPolicy: () => {
        throw new Error("disk I/O error");
      },
    });
    const gone = await startProxy({ connect: local.connect, findPolicy: () => undefined });
    for (const { port, blocked } of [broken, gone]) {
      expect(await (await tunnel(port, "registry.example:443")).ended).toContain("403 Blocked");
      expect(blocked).toMatchObject([{ allowable: false }]);
    }
    expect(local.addresses).toEqual([]);
  });

  it("asks for the policy at each connection, and cuts what is open when told to look again", async () => {
    const echo = await echoServer();
    let policy = LISTED;
    const local = connectLocally(echo.port);
    const { port, proxy, sessionId } = await startProxy({ connect: local.connect, findPolicy: () => policy });
    expect(await (await tunnel(port, "added.example:443")).ended).toContain("403 Blocked");
    policy = { mode: "allowlist", rules: [{ host: "registry.example" }, { host: "added.example" }] };
    const [kept, cut] = [await tunnel(port, "registry.example:443"), await tunnel(port, "added.example:443")];
    await Promise.all([kept.until("hello "), cut.until("hello ")]);
    policy = LISTED;
    proxy.recheck(newId("session"));
    cut.socket.write("still here");
    await cut.until("still here");
    proxy.recheck(sessionId);
    await cut.ended;
    kept.socket.write("ping");
    await kept.until("ping");
    policy = NONE;
    proxy.recheck();
    await kept.ended;
  });

  it("does not open what is no longer allowed by the time it is connected", async () => {
    const echo = await echoServer();
    let policy = OPEN;
    const connectTo: EgressProxyDeps["connect"] = async (_addresses, _port, signal) => {
      policy = LISTED;
      return connectToAny(["127.0.0.1"], echo.port, signal);
    };
    const proxy = await startProxy({ connect: connectTo, findPolicy: () => policy });
    expect(await (await tunnel(proxy.port, "anything.example:443")).ended).toContain("403 Blocked");
  });

  it("answers 502 when the name or the host is not there, without reporting it as blocked", async () => {
    const unresolved = await startProxy({
      resolve: async () => {
        throw new Error("ENOTFOUND");
      },
    });
    expect(await (await tunnel(unresolved.port, "registry.example:443")).ended).toContain(
      "502 registry.example cannot be",
    );
    const { port, server } = await echoServer();
    server.close();
    const refused = await startProxy({ connect: connectLocally(port).connect });
    expect(await (await tunnel(refused.port, "registry.example:443")).ended).toContain("cannot be reached");
    expect([...unresolved.blocked, ...refused.blocked]).toEqual([]);
  });

  it("limits the tunnels of a session and gives the place back when one closes", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect, tunnelsPerSession: 1 });
    const first = await tunnel(proxy.port, "registry.example:443");
    await first.until("hello ");
    expect(await (await tunnel(proxy.port, "registry.example:443")).ended).toContain("429 Too many connections");
    first.socket.end();
    await first.ended;
    // The proxy may notice the end a moment after the client does: asked until it has.
    for (let answer = "429"; answer.includes("429");) {
      const next = await tunnel(proxy.port, "registry.example:443");
      answer = await Promise.race([next.until("hello "), next.ended]);
    }
  });

  it("hangs up on a tunnel where nothing moves", async () => {
    const echo = await echoServer();
    const proxy = await startProxy({ connect: connectLocally(echo.port).connect, idleLimitMs: 20 });
    expect(await (await tunnel(proxy.port, "registry.example:443")).ended).toContain("hello ");
  });

  it("hangs up on the remote side when the client is gone", async () => {
    const remote = await listen(createServer((socket) => socket.resume().write("hello ")));
    const connected = once(remote, "connection") as Promise<[Socket]>;
    const proxy = await startProxy({ connect: connectLocally(portOf(remote)).connect });
    const client = await tunnel(proxy.port, "registry.example:443");
    await client.until("hello ");
    const [remoteSide] = await connected;
    const closed = once(remoteSide, "close");
    client.socket.destroy();
    await closed;
  });

  it("goes through the host's own proxy by name, and still asks the policy first", async () => {
    const echo = await echoServer();
    const seen: string[] = [];
    const upstream = await listen(createHttpServer());
    upstream.on("connect", (request, socket) => {
      seen.push(`${request.url ?? ""} ${request.headers["proxy-authorization"] ?? ""}`);
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const remote = connect(echo.port, "127.0.0.1");
      remote.pipe(socket).pipe(remote);
    });
    const proxy = await startProxy({
      upstreamProxy: `http://me:s%40crt@127.0.0.1:${portOf(upstream)}`,
      resolve: async () => {
        throw new Error("must not be asked");
      },
      resolveBriefly: async (host) => (host === "intranet.example" ? ["93.184.216.34", "10.0.0.5"] : []),
      policy: { mode: "allowlist", rules: [{ host: "registry.example" }, { host: "intranet.example" }] },
    });
    const client = await tunnel(proxy.port, "registry.example:443");
    await client.until("hello ");
    client.socket.end("ping");
    expect(await client.ended).toContain("hello ping");
    expect(seen).toEqual([`registry.example:443 Basic ${Buffer.from("me:s@crt").toString("base64")}`]);
    expect(await (await tunnel(proxy.port, "evil.example:443")).ended).toContain("403 Blocked");
    // A name of the host's own network: the proxy might well reach it.
    expect(await (await tunnel(proxy.port, "intranet.example:443")).ended).toContain("not public");
    expect(seen).toHaveLength(1);
  });

  it("answers 502 when the host's proxy refuses", async () => {
    const upstream = await listen(createHttpServer());
    upstream.on("connect", (_request, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    const proxy = await startProxy({
      upstreamProxy: `http://127.0.0.1:${portOf(upstream)}`,
      resolveBriefly: async () => [],
    });
    expect(await (await tunnel(proxy.port, "registry.example:443")).ended).toContain("the upstream proxy answered 407");
  });
});
