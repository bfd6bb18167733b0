import type { BootId, SessionId } from "@background-agents/shared/ids";
import type Docker from "dockerode";
import { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import { LABELS } from "./container-profile.ts";
import { engineCall, ignoring, ignoringGone } from "./engine-call.ts";
import { SANDBOX_USER } from "./host-credentials.ts";

/** The relay's name on the sandbox's network. */
export const RELAY_HOST = "hub";

/** Passes connections on to one address, and to no other. */
const RELAY_PROGRAM = `
const net = require("node:net");
const [host, port] = process.argv.slice(1);
net.createServer({ allowHalfOpen: true }, (inside) => {
  const outside = net.connect({ host, port: Number(port), allowHalfOpen: true });
  for (const [one, other] of [[inside, outside], [outside, inside]]) {
    one.on("error", () => other.destroy()).on("close", () => other.destroy());
    one.setNoDelay(true).pipe(other);
  }
}).listen(Number(port));
process.on("SIGTERM", () => process.exit(0));`;

const Network = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Gateway: z.string().optional() })).nullish() }),
});

export interface SandboxNetworksDeps {
  docker: Docker;
  instance: string;
  /** Has Node.js; the relay runs on it. */
  image: string;
  /** Security options that this engine has to be asked for. */
  askForCallFilter: () => Promise<string[]>;
}

/**
 * Where a sandbox cannot be given a socket of the host: a network of its own for each boot, without a way out and without
 * an address of the host on it, and on it one relay, which alone reaches the hub, and nothing but the hub.
 */
export function createSandboxNetworks(deps: SandboxNetworksDeps) {
  const { docker, instance, image } = deps;
  const opening = new Set<string>();
  const nameOf = (boot: string): string => `background-agents-${instance}-${boot.slice(4)}`;

  async function close(boot: string): Promise<void> {
    const filters = { label: [`${LABELS.instance}=${instance}`, `${LABELS.relay}=${boot}`] };
    for (const { Id } of await engineCall(() => docker.listContainers({ all: true, filters }))) {
      await ignoringGone(() => docker.getContainer(Id).remove({ force: true }));
    }
    // 403: something is still on it; the next comparison tries again.
    await ignoring([403, 404], () => docker.getNetwork(nameOf(boot)).remove());
  }

  async function make(order: { sessionId: SessionId; boot: BootId; port: number }): Promise<void> {
    const { sessionId, boot, port } = order;
    const labels = { [LABELS.instance]: instance, [LABELS.session]: sessionId, [LABELS.relay]: boot };
    await docker.createNetwork({
      Name: nameOf(boot),
      Internal: true,
      Labels: labels,
      Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    });
    const onLinux = process.platform === "linux";
    const relay = await docker.createContainer({
      name: `${nameOf(boot)}-relay`,
      Image: image,
      User: SANDBOX_USER,
      Entrypoint: ["node", "-e", RELAY_PROGRAM],
      Cmd: [onLinux ? await bridgeGateway() : "host.docker.internal", String(port)],
      Env: [],
      Labels: labels,
      HostConfig: {
        NetworkMode: "bridge",
        ExtraHosts: onLinux ? [] : ["host.docker.internal:host-gateway"],
        ReadonlyRootfs: true,
        Init: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true", ...(await deps.askForCallFilter())],
        Memory: 256 * 2 ** 20,
        PidsLimit: 32,
        LogConfig: { Type: "local", Config: {} },
      },
    });
    await docker.getNetwork(nameOf(boot)).connect({
      Container: relay.id,
      EndpointConfig: { Aliases: [RELAY_HOST] },
    });
    await relay.start();
  }

  async function bridgeGateway(): Promise<string> {
    const { IPAM } = Network.parse(await engineCall(() => docker.getNetwork("bridge").inspect()));
    const gateway = IPAM.Config?.find(({ Gateway }) => Gateway !== undefined)?.Gateway;
    if (gateway) return gateway.split("/")[0] ?? gateway;
    throw new AppError(
      "sandbox.failed",
      "The Docker engine has no bridge network, over which SANDBOX_HUB=tcp reaches the server: use SANDBOX_HUB=unix.",
    );
  }

  return {
    /** Where the hub has to listen for a relay to reach it. */
    bridgeGateway,

    /** Makes a boot's network and its relay to the hub's `port`; answers the network's name. Leaves nothing where it fails. */
    async open(order: { sessionId: SessionId; boot: BootId; port: number }): Promise<string> {
      opening.add(order.boot);
      try {
        await engineCall(() => make(order));
        return nameOf(order.boot);
      } catch (error) {
        await close(order.boot).catch(() => undefined);
        opening.delete(order.boot);
        throw error;
      }
    },

    /** The boot's container is there: from now on its network lives as long as that. */
    settle: (boot: BootId): boolean => opening.delete(boot),

    close,

    /**
     * Begins to remove the networks and relays of boots that have no container and are not about to get one. What it
     * answers takes the boots of the containers, which must be listed after this: else the network of a boot whose
     * container was made in between would be taken for a left one.
     */
    async beginSweep(): Promise<(boots: ReadonlySet<string>) => Promise<void>> {
      const filters = { label: [`${LABELS.instance}=${instance}`, LABELS.relay] };
      const found = await engineCall(() => docker.listNetworks({ filters }));
      // After the networks: one that is no longer opening has its container, or never gets it.
      const settled = found.flatMap(({ Labels }) => Labels?.[LABELS.relay] ?? []).filter((boot) => !opening.has(boot));
      return async (boots) => {
        for (const boot of settled) if (!boots.has(boot)) await close(boot);
      };
    },
  };
}
