import {
  type CatalogueModel,
  DEMO_MODEL_ID,
  type ProviderId,
  splitModelId,
} from "@background-agents/shared/models/catalogue";

/** What OpenCode needs to reach each provider; `demo` is its Anthropic adapter under another name. */
const PROVIDERS: Record<ProviderId, { npm?: string; name: string }> = {
  anthropic: { name: "Anthropic" },
  openai: { name: "OpenAI" },
  demo: { npm: "@ai-sdk/anthropic", name: "Demo (scripted)" },
};

/**
 * OpenCode's whole configuration inside a container. It holds no secret: the key is a placeholder that the relay's
 * other end replaces. All providers are written, usable or not, so that a key added later works in a container that
 * is already running; the gateway refuses what has no key.
 */
export function buildOpencodeConfig(
  catalogue: readonly CatalogueModel[],
  llmRelayPort: number,
): Record<string, unknown> {
  const ids: ProviderId[] = ["anthropic", "openai", "demo"];
  const providers = ids.map((id) => [
    id,
    {
      ...PROVIDERS[id],
      options: { baseURL: `http://127.0.0.1:${llmRelayPort}/llm/${id}/v1`, apiKey: "added-outside-the-container" },
      models: Object.fromEntries(
        catalogue
          .filter((model) => model.provider === id)
          .map((model) => [splitModelId(model.id).model, describe(model)]),
      ),
    },
  ]);
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: ids,
    provider: Object.fromEntries(providers),
    // The small model writes titles nobody asked for: it must never be one that costs money.
    small_model: DEMO_MODEL_ID,
    // The sandbox is the guard, so nothing is asked; `question` is how the agent itself asks the user.
    permission: { "*": "allow", question: "allow" },
    // OpenCode's own copies of the tree cost seconds in a big one; the supervisor's checkpoints do their work.
    snapshot: false,
    share: "disabled",
    autoupdate: false,
  };
}

function describe(model: CatalogueModel): Record<string, unknown> {
  return {
    name: model.name,
    tool_call: true,
    reasoning: model.efforts.length > 0,
    limit: { context: model.contextTokens, output: model.outputTokens },
    ...(model.pricing && {
      cost: {
        input: model.pricing.inputUsd,
        output: model.pricing.outputUsd,
        cache_read: model.pricing.cacheReadUsd,
        cache_write: model.pricing.cacheWriteUsd,
      },
    }),
  };
}
