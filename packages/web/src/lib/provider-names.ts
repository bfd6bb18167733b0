import type { ProviderId } from "@background-agents/shared/models/catalogue";

export const PROVIDER_NAMES: Record<ProviderId, string> = {
  anthropic: "Anthropic",
  openai: "OpenAI",
  demo: "Without a key",
};

/** What a provider is called; an endpoint that the user added goes by its id. */
export function providerName(provider: string): string {
  return new Map<string, string>(Object.entries(PROVIDER_NAMES)).get(provider) ?? provider;
}
