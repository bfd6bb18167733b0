import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

const GLOBAL_UNICAST = ipaddr.IPv6.parse("2000::");

/** Ranges that lead nowhere on the internet: the three documentation networks and the one for benchmarks. */
const STAND_INS = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15"].map((range) =>
  ipaddr.IPv4.parseCIDR(range),
);

/** A machine whose whole neighbourhood were larger than this would be on no network, but on a tunnel to all of them. */
const WIDEST = { ipv4: 16, ipv6: 48 };

/**
 * What an address may be used for.
 *
 * - `public`: on the public internet.
 * - `stand-in`: in a range that leads nowhere. Local proxies and company networks that intercept traffic answer every
 *   name with such addresses. Fine for a name that is on the list of rules, not for one an agent made up.
 * - `refused`: everything else: loopback, private, link-local (the metadata services of clouds), unique local,
 *   carrier-grade NAT, multicast, reserved, and IPv6 forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64).
 */
export function classifyAddress(address: string): "public" | "stand-in" | "refused" {
  if (isIP(address) === 0) return "refused";
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) {
    if (STAND_INS.some((range) => parsed.match(range))) return "stand-in";
    return parsed.range() === "unicast" ? "public" : "refused";
  }
  // Of IPv6 only 2000::/3 is given out for the public internet.
  return parsed.range() === "unicast" && parsed.match(GLOBAL_UNICAST, 3) ? "public" : "refused";
}

/**
 * Whether an address is in one of the networks, `address/bits`; without bits, or where they span more than any local
 * network does, only the address itself is.
 */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return networks.some((network) => {
    const [own = "", bits] = network.split("/");
    if (isIP(own) === 0) return false;
    const base = ipaddr.parse(own);
    if (base.kind() !== parsed.kind()) return false;
    const widest = base.kind() === "ipv4" ? WIDEST.ipv4 : WIDEST.ipv6;
    const length = bits === undefined || Number(bits) < widest ? base.toByteArray().length * 8 : Number(bits);
    return parsed.match(base, length);
  });
}
