import { BlockList, isIP } from "node:net";
import type { EndpointWire } from "@background-agents/shared/models/endpoint";
import { AppError } from "../../lib/app-error.ts";

const PRIVATE = new BlockList();
PRIVATE.addSubnet("127.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("10.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("172.16.0.0", 12, "ipv4");
PRIVATE.addSubnet("192.168.0.0", 16, "ipv4");
PRIVATE.addSubnet("100.64.0.0", 10, "ipv4");
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Names that only a network of one's own answers for; a name without a dot is one, too. */
const PRIVATE_NAME = /^[^.]+$|\.(localhost|local|lan|internal|home\.arpa)$/;

/** This machine, or one of its own network: what goes there in the clear stays there. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const version = isIP(host);
  if (version !== 0) return PRIVATE.check(host, version === 6 ? "ipv6" : "ipv4");
  return PRIVATE_NAME.test(host);
}

/** Throws `endpoint.invalid` where a key must not be sent to this address. */
export function requireEndpointAddress(baseUrl: string): void {
  const url = new URL(baseUrl);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalid("must begin with https:// (or http:// on your own network)");
  }
  if (url.username !== "" || url.password !== "") throw invalid("must not hold a user name or password: set the key");
  if (url.search !== "" || url.hash !== "") throw invalid("must not have a query or a fragment");
  if (url.protocol === "http:" && !isPrivateHost(url.hostname)) {
    throw invalid("must begin with https://: over http anyone on the way could read the key and the code");
  }
}

/**
 * The address that calls are put behind: `https://api.example.com/v1` for `/v1/messages`. Users write it as the tools of
 * the wire take it: with or without `/v1`; where a server of OpenAI's format has another path, it is taken as it is.
 */
export function toApiUrl(baseUrl: string, wire: EndpointWire): string {
  const bare = baseUrl.replace(/\/+$/, "");
  const { pathname } = new URL(bare);
  if (wire === "anthropic" || pathname === "/" || pathname === "") return `${bare.replace(/\/v1$/, "")}/v1`;
  return bare;
}

function invalid(words: string): AppError {
  return new AppError("endpoint.invalid", `The address ${words}.`);
}
