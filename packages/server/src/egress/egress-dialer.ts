import { isIP, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { messageOf } from "../lib/app-error.ts";
import { classifyAddress, isInNetworks } from "./classify-address.ts";
import { type EgressRefusal, forbidden, unreachable } from "./egress-refusal.ts";
import type { EgressTarget } from "./egress-target.ts";
import { connectThroughProxy, connectToAny, resolveBriefly, resolveHost } from "./tunnel-client.ts";

export interface EgressDialerDeps {
  /** The host's own proxy, where it needs one to reach the internet: `http://host:port`. */
  upstreamProxy?: string | undefined;
  resolve?: (host: string) => Promise<string[]>;
  /** What the host's name servers say of a name at once, if anything; asked beside an upstream proxy. */
  resolveBriefly?: (host: string) => Promise<string[]>;
  connect?: (addresses: readonly string[], port: number, signal: AbortSignal) => Promise<Socket>;
  isAllowedAddress?: (address: string) => boolean;
  /** The networks that this machine is on, as `address/bits`: its own addresses, which may be public, among them. */
  listOwnNetworks?: () => readonly string[];
}

/** Makes connections to what the policy lets through, at addresses that were checked. */
export function createEgressDialer(deps: EgressDialerDeps) {
  const resolve = deps.resolve ?? resolveHost;
  const resolveQuickly = deps.resolveBriefly ?? resolveBriefly;
  const connect = deps.connect ?? connectToAny;
  const listOwnNetworks = deps.listOwnNetworks ?? listInterfaceNetworks;
  const upstreamProxy = deps.upstreamProxy === undefined ? undefined : new URL(deps.upstreamProxy);

  function isAllowed(address: string, listed: boolean): boolean {
    if (deps.isAllowedAddress) return deps.isAllowedAddress(address);
    const kind = classifyAddress(address);
    // What listens on this machine, or beside it on the same network, is not the sandbox's to reach by any address.
    const networks = listOwnNetworks();
    if (kind === "public") return !isInNetworks(address, networks);
    // A local proxy that answers with stand-ins may well have its interface among them.
    const own = networks.map((network) => network.replace(/\/.*/, ""));
    return kind === "stand-in" && listed && !isInNetworks(address, own);
  }

  async function dialDirectly(
    target: EgressTarget,
    listed: boolean,
    signal: AbortSignal,
  ): Promise<Duplex | EgressRefusal> {
    let addresses: string[];
    try {
      addresses = await resolve(target.host);
    } catch (error) {
      return unreachable(`${target.host} cannot be resolved: ${messageOf(error)}`);
    }
    // Resolved once: the addresses checked here are the ones connected to, whatever the name says a moment later.
    if (!addresses.every((address) => isAllowed(address, listed))) return notPublic(target.host);
    if (signal.aborted) return unreachable("the client is gone");
    return connect(addresses, target.port, signal);
  }

  /**
   * Behind a proxy the host often cannot resolve public names, and what they lead to is the proxy's to decide. A name
   * that the host does know, as one of its own network, is refused all the same.
   */
  async function dialThrough(proxy: URL, target: EgressTarget, signal: AbortSignal): Promise<Duplex | EgressRefusal> {
    const known = await resolveQuickly(target.host);
    if (!known.every((address) => isAllowed(address, true))) return notPublic(target.host);
    return connectThroughProxy(proxy, target, signal);
  }

  return {
    /** `listed`: the name is on a list, so it may lead to a stand-in. Never rejects. */
    async dial(target: EgressTarget, { listed }: { listed: boolean }, signal: AbortSignal) {
      try {
        if (upstreamProxy) return await dialThrough(upstreamProxy, target, signal);
        return await dialDirectly(target, listed, signal);
      } catch (error) {
        return unreachable(`${target.host} cannot be reached: ${messageOf(error)}`);
      }
    },

    /** To one of the user's own remotes, wherever it is. Directly: proxies seldom let SSH through. Never rejects. */
    async dialOwn(authority: string, signal: AbortSignal): Promise<Duplex | EgressRefusal> {
      const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(authority) ?? [];
      try {
        return await connect(isIP(host) ? [host] : await resolve(host), Number(port), signal);
      } catch (error) {
        return unreachable(`${host} cannot be reached: ${messageOf(error)}`);
      }
    },
  };
}

function listInterfaceNetworks(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address, cidr }) => cidr ?? address) ?? []);
}

function notPublic(host: string): EgressRefusal {
  return forbidden({ reason: `${host} leads to an address that is not public`, allowable: false });
}
