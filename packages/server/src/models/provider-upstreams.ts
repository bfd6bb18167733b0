import { KEY_VARIABLES, type KeyedProvider, type ProviderKeys } from "./keyed-providers.ts";

/** Where a provider is and what proves that we may use it. */
export interface Upstream {
  /** Origin and path prefix without a trailing slash and without `/v1`. */
  baseUrl: string;
  key: string | undefined;
  /** The variable that holds the key, for messages. */
  keyVariable: string;
}

/** Joins configured addresses and keys. Addresses may end in a slash or in `/v1`, as the providers' own tools take them. */
export function buildUpstreams(options: {
  keys: ProviderKeys;
  baseUrls: Record<KeyedProvider, string>;
}): Record<KeyedProvider, Upstream> {
  const upstream = (provider: KeyedProvider): Upstream => ({
    baseUrl: options.baseUrls[provider].replace(/\/+$/, "").replace(/\/v1$/, ""),
    key: options.keys[provider],
    keyVariable: KEY_VARIABLES[provider],
  });
  return { anthropic: upstream("anthropic"), openai: upstream("openai") };
}

/** The headers that carry the key to the provider. */
export function authHeaders(provider: KeyedProvider, key: string): Record<string, string> {
  return provider === "anthropic" ? { "x-api-key": key } : { authorization: `Bearer ${key}` };
}
