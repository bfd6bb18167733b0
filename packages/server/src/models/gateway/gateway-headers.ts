import type { IncomingHttpHeaders } from "node:http";

/** What an agent may say to a provider. Not here: any credential, cookie, proxy header, organisation or project. */
const REQUEST_HEADERS = new Set([
  "accept",
  "content-type",
  "user-agent",
  "anthropic-version",
  "anthropic-beta",
  "openai-beta",
  "x-session-affinity",
  "x-session-id",
]);

/** Headers that belong to one connection, and those that would have the agent's client keep state for the provider. */
const RESPONSE_HEADERS_DROPPED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "alt-svc",
  "set-cookie",
  "strict-transport-security",
]);

/** The headers to send on. Asks for an unencoded answer: tokens are counted from it while it streams. */
export function requestHeaders(from: IncomingHttpHeaders, auth: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (REQUEST_HEADERS.has(name) && typeof value === "string") headers[name] = value;
  }
  return { ...headers, "accept-encoding": "identity", ...auth };
}

/** The provider's headers as the client gets them; a value that holds the key is left out. */
export function responseHeaders(from: IncomingHttpHeaders, key: string | undefined): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const named = new Set((from.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || RESPONSE_HEADERS_DROPPED.has(name) || named.has(name)) continue;
    if (key !== undefined && String(value).includes(key)) continue;
    headers[name] = value;
  }
  return headers;
}
