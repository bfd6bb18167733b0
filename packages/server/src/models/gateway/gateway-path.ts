import type { ProviderId } from "@background-agents/shared/models/catalogue";

/** The calls an agent may make, by method and path below `/llm/<provider>`. Everything else is refused. */
const CALLS = {
  anthropic: {
    "POST /v1/messages": "messages",
    "POST /v1/messages/count_tokens": "count-tokens",
    "GET /v1/models": "models",
  },
  openai: {
    "POST /v1/responses": "responses",
    "POST /v1/chat/completions": "chat-completions",
    "GET /v1/models": "models",
  },
  demo: {
    "POST /v1/messages": "messages",
    "POST /v1/messages/count_tokens": "count-tokens",
    "GET /v1/models": "models",
  },
} as const satisfies Record<ProviderId, Record<string, string>>;

export type GatewayCall = "messages" | "count-tokens" | "responses" | "chat-completions" | "models";

export interface GatewayTarget {
  provider: ProviderId;
  call: GatewayCall;
  /** Path and query for the provider, e.g. `/v1/messages?beta=true`. */
  path: string;
}

/**
 * Reads what follows `/llm/`, e.g. `anthropic/v1/messages`. The path is compared as it came, never decoded or
 * normalised, so `..`, `%2e` and double slashes match nothing. Undefined: not one of the allowed calls.
 */
export function parseGatewayPath(method: string, path: string): GatewayTarget | undefined {
  const match = /^\/?(anthropic|openai|demo)(\/[^?#]*)(\?[\w.~!$&'()*+,;=:@/?%-]*)?$/.exec(path);
  const [, provider, pathname, query = ""] = match ?? [];
  if (!provider || !pathname) return undefined;
  const id = provider as ProviderId;
  const call = new Map<string, GatewayCall>(Object.entries(CALLS[id])).get(`${method} ${pathname}`);
  return call && { provider: id, call, path: pathname + query };
}
