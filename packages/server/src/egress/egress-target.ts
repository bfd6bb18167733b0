export interface EgressTarget {
  /** In lower case, without a trailing dot. */
  host: string;
  port: number;
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Reads the target of a CONNECT once; everything later works on what this returns. Only names: an address in any
 * spelling (`127.1`, `0x7f.1`, `[::1]`) and names outside ASCII are refused, with the reason.
 */
export function parseEgressTarget(authority: string): EgressTarget | { reason: string } {
  const match = /^([^:[\]/@?#\s]{1,254}):(\d{1,5})$/.exec(authority);
  if (!match) {
    const isAddress = authority.startsWith("[");
    return { reason: isAddress ? "addresses are refused: use a host name" : "the target must look like host:port" };
  }
  const host = (match[1] ?? "").toLowerCase().replace(/\.$/, "");
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) return { reason: "the port is out of range" };
  const labels = host.split(".");
  if (!/^[a-z0-9._-]*$/.test(host)) return { reason: "the name has characters outside ASCII: use its xn-- form" };
  if (host.length > 253 || !labels.every((label) => LABEL.test(label))) return { reason: "this is not a host name" };
  // A name whose last label is a number is read as an IPv4 address by most resolvers.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return { reason: "addresses are refused: use a host name" };
  return { host, port };
}
