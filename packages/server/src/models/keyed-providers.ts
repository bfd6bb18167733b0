/** The providers that are reached over the network with the user's key. */
export const KEYED_PROVIDERS = ["anthropic", "openai"] as const;
export type KeyedProvider = (typeof KEYED_PROVIDERS)[number];

export type ProviderKeys = Partial<Record<KeyedProvider, string | undefined>>;

export const KEY_VARIABLES: Record<KeyedProvider, string> = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
};
