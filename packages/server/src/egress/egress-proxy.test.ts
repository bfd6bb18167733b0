import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { clientHello } from "./testing/client-hello.ts";
import {
  closeProxies,
  connectLocally,
  echoServer,
  listen,
  NONE,
  OPEN,
  portOf,
  startProxy,
  tunnel,
} from "./testing/proxy-fixture.ts";
import { connectToAny } from "./tunnel-client.ts";

afterEach(closeProxies);

describe("createEgressProxy", () => {
  it("carries bytes both ways to an allowed host, and ends with the remote side", async () => {
    const echo = await echoServer();
    const local = connectLocally(echo.port);
    const proxy = await startProxy({ connect: local.connect });
    const client = await tunnel(proxy.port, "registry.example:443");
    await client.until("hello ");
    const hello = await clientHello("registry.example");
    client.socket.write(hello);
    client.socket.end("ping");
    expect(await client.ended).toBe(`HTTP/1.1 200 Connection established\r\n\r\nhello ${hello.toString("latin1")}ping`);
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

  it("names of an address that was refused the host and the port, too", async () => {
    const proxy = await startProxy({});
    for (const target of ["169.254.169.254:80", "[::1]:443", "no-port"]) {
      await (
        await tunnel(proxy.port, target)
      ).ended;
    }
    expect(proxy.blocked.map(({ host, port, allowable }) => ({ host, port, allowable }))).toEqual([
      { host: "169.254.169.254", port: 80, allowable: false },
      { host: "[::1]", port: 443, allowable: false },
      { host: "no-port", port: 0, allowable: false },
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

  it("refuses although the refusal cannot be recorded", async () => {
    const proxy = await startProxy({
      onBlocked: () => {
        throw new Error("database or disk is full");
      },
    });
    expect(await (await tunnel(proxy.port, "evil.example:443")).ended).toMatch(/^HTTP\/1\.1 403 .*\n$/s);
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

  it.each([
    ["this machine's own", "93.184.216.34"],
    ["its neighbour's", "93.184.216.35"],
    ["its neighbour's, of IPv6", "2606:2800:21f:cb07::9"],
  ])("refuses a public address that is %s", async (_whose, address) => {
    const local = connectLocally(1);
    const proxy = await startProxy({
      connect: local.connect,
      policy: OPEN,
      resolve: async () => [address],
      listOwnNetworks: () => ["10.0.0.1/8", "93.184.216.34/24", "2606:2800:21f:cb07:6820:80da:af6b:8b2c/64"],
    });
    expect(await (await tunnel(proxy.port, "me.example:443")).ended).toContain("an address that is not public");
    expect(local.addresses).toEqual([]);
  });

  it("takes a stand-in of an intercepting network for a listed name, not for a made-up one", async () => {
    const echo = await echoServer();
    const local = connectLocally(echo.port);
    const resolve = async () => ["203.0.113.7"];
    const listOwnNetworks = () => ["203.0.113.1/24"];
    const listed = await startProxy({ connect: local.connect, resolve, listOwnNetworks });
    expect(await (await tunnel(listed.port, "registry.example:443")).until("hello ")).toContain("200");
    const open = await startProxy({ policy: OPEN, connect: local.connect, resolve });
    expect(await (await tunnel(open.port, "made-up.example:443")).ended).toContain("an address that is not public");
    const self = await startProxy({ connect: local.connect, resolve, listOwnNetworks: () => ["203.0.113.7/24"] });
    expect(await (await tunnel(self.port, "registry.example:443")).ended).toContain("an address that is not public");
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
    const hello = await clientHello("registry.example");
    client.socket.end(hello);
    expect(await client.ended).toContain(`hello ${hello.toString("latin1")}`);
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
