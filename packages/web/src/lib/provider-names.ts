import type { ProviderId } from "@background-agents/shared/models/catalogue";

export const PROVIDER_NAMES: Record<ProviderId, string> = {
  anthropic: "Anthropic",
  openai: "OpenAI",
  demo: "Without a key",
};
