import type { EndpointWire } from "@background-agents/shared/models/endpoint";

/** The calls an agent may make, by method and path below `/llm/<provider>`. Everything else is refused. */
const CALLS = {
  anthropic: {
    "POST /v1/messages": "messages",
    "POST /v1/messages/count_tokens": "count-tokens",
    "GET /v1/models": "models",
  },
  "openai-responses": {
    "POST /v1/responses": "responses",
    "POST /v1/chat/completions": "chat-completions",
    "GET /v1/models": "models",
  },
  "openai-chat": {
    "POST /v1/chat/completions": "chat-completions",
    "GET /v1/models": "models",
  },
} as const satisfies Record<EndpointWire, Record<string, string>>;

export type GatewayCall = "messages" | "count-tokens" | "responses" | "chat-completions" | "models";

export interface GatewayTarget {
  provider: string;
  wire: EndpointWire;
  call: GatewayCall;
  /** Path and query for the provider, e.g. `/v1/messages?beta=true`. */
  path: string;
}

/**
 * Reads what follows `/llm/`, e.g. `anthropic/v1/messages`. The path is compared as it came, never decoded or
 * normalised, so `..`, `%2e` and double slashes match nothing. Undefined: not one of the allowed calls, or a provider
 * that `findWire` does not know.
 */
export function parseGatewayPath(
  method: string,
  path: string,
  findWire: (provider: string) => EndpointWire | undefined,
): GatewayTarget | undefined {
  const match = /^\/?([a-z0-9][a-z0-9-]{0,39})(\/[^?#]*)(\?[\w.~!$&'()*+,;=:@/?%-]*)?$/.exec(path);
  const [, provider, pathname, query = ""] = match ?? [];
  if (!provider || !pathname) return undefined;
  const wire = findWire(provider);
  if (!wire) return undefined;
  const call = new Map<string, GatewayCall>(Object.entries(CALLS[wire])).get(`${method} ${pathname}`);
  return call && { provider, wire, call, path: pathname + query };
}
