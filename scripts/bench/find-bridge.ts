import { docker } from "./docker-process.ts";

export interface Bridge {
  /** What a container on the engine's default network calls this machine. */
  name: string;
  /** Where to listen so that it arrives: this machine and its containers, nobody else. */
  listenHost: string;
  /** Entries that the container's hosts file needs for the name. */
  extraHosts: string[];
}

const NAME = "host.docker.internal";
const ENTRY = `${NAME}:host-gateway`;

/** How containers on the engine's default network reach this machine, asked of a container of the image. */
export async function findBridge(image: string): Promise<Bridge> {
  // Where the engine is in a VM this machine is not on its network, and the name leads to this machine's loopback.
  if (process.platform !== "linux") return { name: NAME, listenHost: "127.0.0.1", extraHosts: [ENTRY] };
  // Neither the network's description nor this machine's interfaces tell the address while no container runs.
  const hosts = await docker([
    "run",
    "--rm",
    "--pull",
    "never",
    "--add-host",
    ENTRY,
    "--entrypoint",
    "cat",
    image,
    "/etc/hosts",
  ]);
  const address = hosts
    .split("\n")
    .find((line) => line.endsWith(NAME))
    ?.split(/\s/)[0];
  if (address === undefined) throw new Error(`The Docker engine told no address for ${NAME}:\n${hosts}`);
  return { name: address, listenHost: address, extraHosts: [] };
}
