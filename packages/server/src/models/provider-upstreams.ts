import type { EndpointWire } from "@background-agents/shared/models/endpoint";
import { toApiUrl } from "./endpoints/endpoint-address.ts";
import { KEY_VARIABLES, KEYED_PROVIDERS, type KeyedProvider, type ProviderKeys } from "./keyed-providers.ts";

/** Where a provider is and what proves that we may use it. */
export interface Upstream {
  wire: EndpointWire;
  /** What stands before `/messages`, `/responses` and so on; without a trailing slash. */
  apiUrl: string;
  /** Undefined where there is none, or where none is needed. */
  key: string | undefined;
  /** Why it cannot be asked, and what to do; without a full stop. */
  problem: string | undefined;
}

/** Undefined: there is no such provider. Read anew at each call, so that a changed key holds from the next call on. */
export type FindUpstream = (provider: string) => Upstream | undefined;

export const BUILT_IN_WIRES: Record<KeyedProvider, EndpointWire> = {
  anthropic: "anthropic",
  openai: "openai-responses",
};

/** What to do about a built-in provider without a key. */
export function missingKeyWords(provider: KeyedProvider): string {
  return `Set ${KEY_VARIABLES[provider]} in .env and restart, or add a key on the settings page`;
}

/** A built-in provider. Its address may end in a slash or in `/v1`, as the provider's own tools take it. */
export function builtInUpstream(provider: KeyedProvider, at: { baseUrl: string; key: string | undefined }): Upstream {
  const base = at.baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");
  return {
    wire: BUILT_IN_WIRES[provider],
    apiUrl: `${base}/v1`,
    key: at.key,
    problem: at.key === undefined ? missingKeyWords(provider) : undefined,
  };
}

/** An endpoint that the user added; it may need no key. */
export function addedUpstream(wire: EndpointWire, at: { baseUrl: string; key: string | undefined }): Upstream {
  return { wire, apiUrl: toApiUrl(at.baseUrl, wire), key: at.key, problem: undefined };
}

/** The built-in providers alone. */
export function buildUpstreams(options: { keys: ProviderKeys; baseUrls: Record<KeyedProvider, string> }): FindUpstream {
  return (id) => {
    const provider = KEYED_PROVIDERS.find((each) => each === id);
    return provider && builtInUpstream(provider, { baseUrl: options.baseUrls[provider], key: options.keys[provider] });
  };
}

/** The headers that carry the key to the provider; none where there is no key. */
export function authHeaders({ wire, key }: Pick<Upstream, "wire" | "key">): Record<string, string> {
  if (key === undefined) return {};
  return wire === "anthropic" ? { "x-api-key": key } : { authorization: `Bearer ${key}` };
}
