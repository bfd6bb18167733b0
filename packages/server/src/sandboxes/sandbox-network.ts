import type Docker from "dockerode";
import { AppError } from "../lib/app-error.ts";
import { engineCall } from "./engine-call.ts";

/**
 * A network of our own without a way out: containers on it reach the hub on its gateway and, by proxy, what that allows;
 * not each other. Answers the gateway's address.
 */
export async function ensureNetwork(
  docker: Docker,
  { name, labels }: { name: string; labels: Record<string, string> },
): Promise<string> {
  const found = await docker
    .getNetwork(name)
    .inspect()
    .catch(() => undefined);
  const network =
    found ??
    (await engineCall(async () => {
      await docker.createNetwork({
        Name: name,
        Internal: true,
        Labels: labels,
        Options: { "com.docker.network.bridge.enable_icc": "false" },
      });
      return docker.getNetwork(name).inspect();
    }));
  const gateway = (network as { IPAM?: { Config?: { Gateway?: string }[] } }).IPAM?.Config?.[0]?.Gateway;
  if (!gateway) throw new AppError("sandbox.failed", `The network ${name} has no gateway: remove it and try again.`);
  return gateway.split("/")[0] ?? gateway;
}
