const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Browsers and tools also send what is beyond ASCII as it is. */
const REQUEST_LINE = /^[A-Z]{1,32} (?:\/[\x21-\x7e\x80-\xff]*|\*) HTTP\/1\.[01]$/;
/** What would keep the connection open after the answer, or make it one of another kind. */
const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "upgrade", "http2-settings"]);

/** The head of an HTTP request, written anew so that the server hangs up after its answer. */
export interface SingleRequest {
  /** In lower case, without the dot that ends a full name, with the port where one is named. */
  host: string;
  head: Buffer;
  /** What came behind the head. */
  rest: Buffer;
}

/**
 * Reads the first request of a connection. A proxy that passes bytes on sees one request only, so the server is told
 * that no other follows: a second one could name another host. A wish for a WebSocket is kept beside that: a server that
 * grants it speaks no HTTP afterwards, one that does not hangs up. `more`: the head has not come whole. `not-http`: it
 * is none, or one that servers could read in two ways.
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
  const wishes = { connection: [] as string[], upgrade: [] as string[] };
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!NAME.test(name) || /[\r\n\0]/.test(line)) return "not-http";
    const value = line
      .slice(colon + 1)
      .trim()
      .toLowerCase();
    if (name === "host") hosts.push(value);
    if (name === "connection" || name === "upgrade") wishes[name].push(...value.split(",").map((word) => word.trim()));
    if (!OF_THE_CONNECTION.has(name)) kept.push(line);
  }
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return "not-http";
  const wantsWebSocket =
    requestLine.startsWith("GET ") && wishes.connection.includes("upgrade") && wishes.upgrade.join() === "websocket";
  kept.push(...(wantsWebSocket ? ["Connection: close, Upgrade", "Upgrade: websocket"] : ["Connection: close"]));
  const head = Buffer.from(`${kept.join("\r\n")}\r\n\r\n`, "latin1");
  return { host: host.replace(/\.(?=(?::\d+)?$)/, ""), head, rest: bytes.subarray(end + 4) };
}
