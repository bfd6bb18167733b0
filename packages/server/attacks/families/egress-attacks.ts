import { createServer } from "node:http";
import { connect as connectSocket } from "node:net";
import type { AttackCase, Attempt } from "../attack.ts";
import {
  closeProxies,
  connectLocally,
  echoServer,
  listen,
  LISTED,
  NONE,
  OPEN,
  portOf,
  startProxy,
  tunnel,
} from "../../src/egress/testing/proxy-fixture.ts";
import type { EgressPolicy } from "../../src/egress/egress-policy.ts";

interface Way {
  name: string;
  authority: string;
  policy?: EgressPolicy;
  /** What the name leads to. */
  resolves?: string[];
  findPolicy?: () => EgressPolicy | undefined;
}

const LISTED_HOST = "registry.example:443";
const PRIVATE = [
  "127.0.0.1",
  "169.254.169.254",
  "10.0.0.5",
  "192.168.1.1",
  "100.64.0.1",
  "::1",
  "fd00:ec2::254",
  "::ffff:10.0.0.5",
  "64:ff9b::7f00:1",
];
const SPELLINGS = [
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f.1",
  "0177.0.0.1",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "127.0.0.1.",
  "0",
];

const WAYS: Way[] = [
  { name: "to a host that is not on the list", authority: "evil.example:443" },
  { name: "to a name that ends like a listed one", authority: "evilregistry.example:443" },
  { name: "to a listed name below another domain", authority: "registry.example.evil.test.example:443" },
  { name: "to a subdomain of a listed name", authority: "data.registry.example:443" },
  { name: "to a listed name before an @", authority: "registry.example@evil.example:443" },
  { name: "to a port that is not open", authority: "registry.example:22" },
  { name: "to a local name in the open mode", authority: "printer.local:443", policy: OPEN },
  { name: "to a name without a dot in the open mode", authority: "localhost:443", policy: OPEN },
  { name: "anywhere without a network", authority: LISTED_HOST, policy: NONE },
  { name: "anywhere without a policy", authority: LISTED_HOST, findPolicy: () => undefined },
  {
    name: "anywhere while the policy cannot be told",
    authority: LISTED_HOST,
    findPolicy: () => {
      throw new Error("database is locked");
    },
  },
  ...SPELLINGS.map((host): Way => ({ name: `to the address ${host}`, authority: `${host}:443`, policy: OPEN })),
  ...PRIVATE.map((address): Way => ({
    name: `by a listed name that leads to ${address}`,
    authority: LISTED_HOST,
    resolves: [address],
  })),
  {
    name: "by a name that leads to a public and a private address",
    authority: LISTED_HOST,
    resolves: ["93.184.216.34", "127.0.0.1"],
  },
];

/** A proxy as many are: it connects to whatever it is asked for. */
async function startNaive(port: number): Promise<number> {
  const server = await listen(createServer());
  server.on("connect", (_request, socket) => {
    const remote = connectSocket(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      remote.pipe(socket).pipe(remote);
    });
    for (const one of [socket, remote]) one.on("error", () => undefined);
  });
  return portOf(server);
}

async function dial(port: number, authority: string): Promise<Attempt> {
  const client = await tunnel(port, authority);
  const said = await Promise.race([client.until("hello "), client.ended]);
  return { succeeded: said.includes("200 ") && said.includes("hello "), said };
}

const wayCase = ({ name, authority, policy = LISTED, resolves, findPolicy }: Way): AttackCase => ({
  family: "egress",
  name: `a tunnel ${name}`,
  quick: true,
  async attack() {
    const echo = await echoServer();
    const resolve = async () => resolves ?? ["93.184.216.34"];
    const proxy = await startProxy({
      policy,
      resolve,
      connect: connectLocally(echo.port).connect,
      ...(findPolicy && { findPolicy }),
    });
    return dial(proxy.port, authority).finally(closeProxies);
  },
  async control() {
    const echo = await echoServer();
    return dial(await startNaive(echo.port), authority).finally(closeProxies);
  },
});

/** The name changes its mind between the check and the connection: what was checked must be what is reached. */
const REBINDING: AttackCase = {
  family: "egress",
  name: "a name that changes its address after the check",
  quick: true,
  async attack() {
    const echo = await echoServer();
    const answers = [["93.184.216.34"], ["127.0.0.1"]];
    const local = connectLocally(echo.port);
    const proxy = await startProxy({ resolve: async () => answers.shift() ?? [], connect: local.connect });
    await dial(proxy.port, LISTED_HOST).finally(closeProxies);
    return { succeeded: local.addresses.includes("127.0.0.1"), said: local.addresses.join(" ") };
  },
  async control() {
    const echo = await echoServer();
    const answers = [["93.184.216.34"], ["127.0.0.1"]];
    const resolve = async () => answers.shift() ?? [];
    const reached: string[] = [];
    const proxy = await startProxy({
      resolve,
      // Resolves again to connect, as every client does that is given a name.
      async connect(_checked, _port, signal) {
        const addresses = await resolve();
        reached.push(...addresses);
        return connectLocally(echo.port).connect?.(addresses, echo.port, signal) ?? Promise.reject(new Error("none"));
      },
    });
    await dial(proxy.port, LISTED_HOST).finally(closeProxies);
    return { succeeded: reached.includes("127.0.0.1"), said: reached.join(" ") };
  },
};

const TUNNELS: AttackCase = {
  family: "load",
  name: "a hundred tunnels at once",
  quick: true,
  attack: () => countTunnels(undefined),
  control: () => countTunnels(1000),
};

async function countTunnels(tunnelsPerSession: number | undefined): Promise<Attempt> {
  const echo = await echoServer();
  const proxy = await startProxy({
    connect: connectLocally(echo.port).connect,
    ...(tunnelsPerSession !== undefined && { tunnelsPerSession }),
  });
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const client = await tunnel(proxy.port, LISTED_HOST);
      return Promise.race([client.until("hello "), client.ended]);
    }),
  ).finally(closeProxies);
  const open = answers.filter((answer) => answer.includes("hello ")).length;
  return { succeeded: open === 100, said: `${open} of 100` };
}

export const EGRESS_ATTACKS: AttackCase[] = [...WAYS.map(wayCase), REBINDING, TUNNELS];
