import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { addressOf, anyAddressOf, runInside } from "../containers.ts";
import { ask } from "../../src/testing/http-client.ts";
import { BRIDGE, HOST_NETWORK } from "../weaknesses.ts";
import type { Weakness } from "../sandbox-world.ts";
import { toAttempt } from "./sandbox-attacks.ts";

/** What the attacker carries out: the file that another part of the sandbox keeps, in several spellings. */
interface Way {
  name: string;
  script(world: AttackWorld, siblingAddress: string): string;
  without: Weakness;
}

const curl = "curl -sf -m 4 --noproxy '*'";
const python = (...lines: string[]): string => `python3 - <<'END'\nimport socket\n${lines.join("\n")}\nEND`;

/** Listens on all addresses, as an agent's web application in another sandbox may. */
const SERVE = `cd /tmp && nohup python3 -m http.server 8000 >/dev/null 2>&1 &
curl -s --retry 50 --retry-connrefused --retry-delay 1 --noproxy '*' http://127.0.0.1:8000/ >/dev/null`;

const ASK_ITSELF = `${curl} http://127.0.0.1:8000/ > /dev/null`;

const WAYS: Way[] = [
  {
    name: "a service of the host's by its address on the engine's network",
    script: ({ bridgeAddress, sink }) => `${curl} http://${bridgeAddress}:${sink.port}/`,
    without: BRIDGE,
  },
  {
    name: "a service of the host's on its loopback",
    script: ({ sink }) => `${curl} http://127.0.0.1:${sink.port}/`,
    without: HOST_NETWORK,
  },
  {
    name: "the host by UDP, past every proxy",
    script: ({ bridgeAddress, sink }) =>
      python(`socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("${bridgeAddress}", ${sink.port}))`),
    without: BRIDGE,
  },
  {
    name: "a name server",
    script: ({ bridgeAddress }) =>
      python(`socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"\\0" * 12, ("${bridgeAddress}", 53))`),
    without: BRIDGE,
  },
  {
    name: "another sandbox",
    script: (_world, siblingAddress) => `${curl} http://${siblingAddress}:8000/`,
    without: BRIDGE,
  },
  {
    name: "the metadata service's network",
    script: () => python(`socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("169.254.169.254", 80))`),
    without: BRIDGE,
  },
];

const wayCase = ({ name, script, without }: Way): AttackCase => ({
  ...{ family: "network", quick: true, name: `reach ${name}` },
  async attack(world) {
    const sandboxes = await world.sandboxes();
    return toAttempt(await sandboxes.runAsAgent(script(world, await startSibling(world))));
  },
  async control(world) {
    const container = await (await world.sandboxes()).weakened(without);
    return toAttempt(await runInside(container, script(world, await startSibling(world))));
  },
});

/** A sandbox that has a network, which none has, so that only the attacker's own can be what is missing. */
async function startSibling(world: AttackWorld): Promise<string> {
  const container = await (await world.sandboxes()).weakened({ ...BRIDGE, name: "beside, with a network" });
  await serveInside(container);
  return addressOf(container);
}

/** Demands that it answers there: one that never came up is out of reach for everybody. */
async function serveInside(container: string): Promise<void> {
  const served = await runInside(container, `${ASK_ITSELF} || { ${SERVE}; ${ASK_ITSELF}; }`);
  if (served.exitCode !== 0) throw new Error(`nothing answers in the sandbox to be reached: ${served.output}`);
}

/** Where hubs are reached by TCP a sandbox has a network card after all, on a network with nothing but its relay. */
const OVER_TCP: AttackCase[] = [
  {
    ...{ family: "network", quick: false, name: "over TCP: reach a service of the host's by its address" },
    async attack(world) {
      const { runAsAgent } = await world.sandboxesOverTcp();
      return toAttempt(await runAsAgent(`${curl} http://${world.bridgeAddress}:${world.sink.port}/`));
    },
    async control(world) {
      const container = await (await world.sandboxes()).weakened(BRIDGE);
      return toAttempt(await runInside(container, `${curl} http://${world.bridgeAddress}:${world.sink.port}/`));
    },
  },
  {
    ...{ family: "network", quick: false, name: "over TCP: reach another sandbox" },
    async attack(world) {
      const { sibling, runAsAgent } = await world.sandboxesOverTcp();
      await serveInside(sibling.container);
      const address = await anyAddressOf(sibling.container);
      if (address === "") throw new Error("the sandbox to be reached is on no network");
      return toAttempt(await runAsAgent(`${curl} http://${address}:8000/`));
    },
    async control(world) {
      const container = await (await world.sandboxes()).weakened(BRIDGE);
      return toAttempt(await runInside(container, `${curl} http://${await startSibling(world)}:8000/`));
    },
  },
  {
    ...{ family: "network", quick: false, name: "over TCP: reach another sandbox's relay" },
    async attack(world) {
      const { sibling, runAsAgent } = await world.sandboxesOverTcp();
      const { output } = await runInside(sibling.container, FIND_RELAY);
      const relay = output.trim();
      if (!/^[\d.]+:\d+$/.test(relay)) throw new Error(`no relay was found: ${relay}`);
      return toAttempt(await runAsAgent(`${curl.replace(" -sf", " -s")} http://${relay}/`));
    },
    // From the sandbox whose relay it is.
    async control(world) {
      const { sibling } = await world.sandboxesOverTcp();
      const script = `${curl.replace(" -sf", " -s")} http://$(${FIND_RELAY})/`;
      return toAttempt(await runInside(sibling.container, script));
    },
  },
];

const FIND_RELAY = `echo "$(getent hosts hub | cut -d ' ' -f 1):\${BACKGROUND_AGENTS_HUB##*:}"`;

const LISTENS_FOR_ALL =
  "cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" { print $2 }' | grep -v -e '^0100007F:' -e '^0\\{24\\}01000000:'";

const OPENCODE: AttackCase = {
  ...{ family: "network", quick: true, name: "reach a port of the sandbox's from outside of it" },
  attack: async (world) => toAttempt(await (await world.sandboxes()).runAsAgent(LISTENS_FOR_ALL)),
  async control(world) {
    await startSibling(world);
    const container = await (await world.sandboxes()).weakened({ ...BRIDGE, name: "beside, with a network" });
    return toAttempt(await runInside(container, LISTENS_FOR_ALL));
  },
};

const ADDRESS: AttackCase = {
  ...{ family: "network", quick: true, name: "reach the sandbox from the host's network" },
  async attack(world) {
    const address = await addressOf((await world.sandboxes()).attacker.container);
    return { succeeded: address !== "", said: address };
  },
  async control(world) {
    const address = await startSibling(world);
    return { succeeded: address !== "", said: address };
  },
};

/** The agent's own server asks for a password that only the supervisor knows. */
const PASSWORD: AttackCase = {
  ...{ family: "network", quick: true, name: "give the agent orders past the supervisor" },
  async attack(world) {
    return toAttempt(await (await world.sandboxes()).runAsAgent(ASK_EVERY_PORT));
  },
  async control(world) {
    await startSibling(world);
    const container = await (await world.sandboxes()).weakened({ ...BRIDGE, name: "beside, with a network" });
    return toAttempt(await runInside(container, ASK_EVERY_PORT.replaceAll("/session", "/")));
  },
};

const ASK_EVERY_PORT = `for port in $(cat /proc/net/tcp | awk '$4 == "0A" { split($2, at, ":"); print at[2] }'); do
  ${curl} http://127.0.0.1:$((0x$port))/session && exit 0
done
exit 1`;

const PROXY = (host: string): string =>
  `curl -s -m 8 -o /tmp/answer -w '%{http_connect} %{http_code}' --proxytunnel -x "$HTTPS_PROXY" http://${host}/ ; grep -q sink /tmp/answer`;

/** By the sandbox's own proxy: what the list has not is refused there. Off: a host that it has. */
const BLOCKED_HOSTS = ["evil.example", "registry.npmjs.org.evil.example", "127.0.0.1", "localhost", "[::1]"];

/** By http, as the attacks ask, only hosts that the user added are reached. */
const ADDED_HOST = "added.example.com";

const proxyCase = (host: string): AttackCase => ({
  ...{ family: "egress", quick: true, name: `from the sandbox to ${host}` },
  attack: async (world) => toAttempt(await proxied(world, host)),
  async control(world) {
    const { attacker, call } = await world.sandboxes();
    const allowed = await call("PUT", `/api/sessions/${attacker.id}/allowed-hosts`, { hosts: [ADDED_HOST] });
    if (allowed.status >= 300) throw new Error(`the host was not added: ${allowed.text}`);
    return toAttempt(await proxied(world, ADDED_HOST));
  },
});

async function proxied(world: AttackWorld, host: string): Promise<{ exitCode: number; output: string }> {
  const environment = "export HTTPS_PROXY=http://127.0.0.1:4102; rm -f /tmp/answer;";
  return (await world.sandboxes()).runAsAgent(`${environment} ${PROXY(host)}`);
}

/** From inside, with the token that every process in the sandbox can read. */
const HUB_PATHS = ["/api/sessions", "/api/settings", "/control/../api/sessions"];

const hubCase = (path: string): AttackCase => ({
  ...{ family: "hub", quick: true, name: `from the sandbox: ${path} on the hub, with its own token` },
  async attack(world) {
    const ran = await (
      await world.sandboxes()
    ).runAsAgent(
      `curl -sf -m 5 --path-as-is --unix-socket /run/hub/hub.sock -H "Authorization: Bearer $(cat /run/hub/token)" http://hub${path}`,
    );
    return toAttempt(ran);
  },
  // The same question where it belongs, from the holder of the API's token.
  async control(world): Promise<Attempt> {
    const { port, token } = await world.sandboxes();
    const headers = { host: `localhost:${port}`, authorization: `Bearer ${token}` };
    const { status, text } = await ask({ at: { port }, path: path.replace("/control/..", ""), headers });
    return { succeeded: status === 200, said: `${status} ${text.slice(0, 200)}` };
  },
});

export const NETWORK_ATTACKS: AttackCase[] = [
  ...WAYS.map(wayCase),
  OPENCODE,
  ADDRESS,
  PASSWORD,
  ...BLOCKED_HOSTS.map(proxyCase),
  ...HUB_PATHS.map(hubCase),
  ...OVER_TCP,
];
