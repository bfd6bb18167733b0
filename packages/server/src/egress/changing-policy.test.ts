import { newId } from "@background-agents/shared/ids";
import { afterEach, describe, expect, it } from "vitest";
import type { EgressProxyDeps } from "./egress-proxy.ts";
import { clientHello } from "./testing/client-hello.ts";
import {
  closeProxies,
  connectLocally,
  echoServer,
  LISTED,
  NONE,
  OPEN,
  startProxy,
  tunnel,
} from "./testing/proxy-fixture.ts";
import { connectToAny } from "./tunnel-client.ts";

afterEach(closeProxies);

describe("createEgressProxy with a policy that changes", () => {
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
    cut.socket.write(await clientHello("added.example"));
    cut.socket.write("still here");
    await cut.until("still here");
    proxy.recheck(sessionId);
    await cut.ended;
    kept.socket.write(await clientHello("registry.example"));
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
});
