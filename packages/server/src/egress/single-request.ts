const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REQUEST_LINE = /^[A-Z]{1,32} (?:\/[\x21-\x7e]*|\*) HTTP\/1\.[01]$/;
/** What would keep the connection open after the answer, or make it one of another kind. */
const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "upgrade", "http2-settings"]);

/** The head of an HTTP request, written anew so that the server hangs up after its answer. */
export interface SingleRequest {
  /** In lower case, with the port where one is named. */
  host: string;
  head: Buffer;
  /** What came behind the head. */
  rest: Buffer;
}

/**
 * Reads the first request of a connection. A proxy that passes bytes on sees one request only, so the server is told
 * that no other follows: a second one could name another host. `more`: the head has not come whole. `not-http`: it is
 * none, or one that servers could read in two ways.
 */
export function readSingleRequest(bytes: Buffer): SingleRequest | "more" | "not-http" {
  const end = bytes.indexOf("\r\n\r\n");
  // In what has come so far already: a client that speaks something else may wait for an answer to it.
  if (!/^[A-Z]{0,32}(?: |$)/.test(bytes.toString("latin1", 0, 33))) return "not-http";
  if (end < 0) return "more";
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  if (!REQUEST_LINE.test(requestLine)) return "not-http";
  const hosts: string[] = [];
  const kept = [requestLine];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!NAME.test(name) || /[\r\n\0]/.test(line)) return "not-http";
    if (name === "host") hosts.push(line.slice(colon + 1).trim());
    if (!OF_THE_CONNECTION.has(name)) kept.push(line);
  }
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return "not-http";
  const head = Buffer.from(`${kept.join("\r\n")}\r\nConnection: close\r\n\r\n`, "latin1");
  return { host: host.toLowerCase(), head, rest: bytes.subarray(end + 4) };
}
