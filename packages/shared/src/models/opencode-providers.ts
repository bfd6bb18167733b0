import { type CatalogueModel, type ProviderId, splitModelId } from "./catalogue.ts";
import type { Endpoint, EndpointWire } from "./endpoint.ts";

/** What OpenCode needs to reach each provider; `demo` is its Anthropic adapter under another name. */
const PROVIDERS: Record<ProviderId, { npm: string; name: string }> = {
  anthropic: { npm: "@ai-sdk/anthropic", name: "Anthropic" },
  openai: { npm: "@ai-sdk/openai", name: "OpenAI" },
  demo: { npm: "@ai-sdk/anthropic", name: "Demo (scripted)" },
};

export const OPENCODE_PROVIDER_IDS: readonly ProviderId[] = ["anthropic", "openai", "demo"];

/** OpenCode's adapters by wire; they are part of its binary, so nothing is fetched. */
const ADAPTERS: Record<EndpointWire, string> = {
  anthropic: "@ai-sdk/anthropic",
  "openai-responses": "@ai-sdk/openai",
  "openai-chat": "@ai-sdk/openai-compatible",
};

/** The current models take no temperature; these, of the generation before, do. */
const TAKES_TEMPERATURE = new Set(["anthropic/claude-sonnet-4-6", "anthropic/claude-haiku-4-5"]);

/**
 * The `provider` part of OpenCode's configuration, with all there is to know about each model: OpenCode runs without
 * its built-in catalogue (reading that makes each start a second longer), so what is not said here it does not know.
 * The key is a filler: the other end of the relay on `llmRelayPort` puts the real one in its place.
 */
export function buildOpencodeProviders(
  catalogue: readonly CatalogueModel[],
  llmRelayPort: number,
): Record<string, unknown> {
  const providers = OPENCODE_PROVIDER_IDS.map((id) => [
    id,
    buildProvider({ id, ...PROVIDERS[id] }, { catalogue, llmRelayPort }),
  ]);
  return Object.fromEntries(providers);
}

/** The part of the same for an endpoint that the user added; `catalogue` holds its models. */
export function buildOpencodeEndpoint(
  { id, name, wire }: Pick<Endpoint, "id" | "name" | "wire">,
  options: { catalogue: readonly CatalogueModel[]; llmRelayPort: number },
): Record<string, unknown> {
  return buildProvider({ id, name, npm: ADAPTERS[wire] }, options);
}

function buildProvider(
  { id, npm, name }: { id: string; npm: string; name: string },
  { catalogue, llmRelayPort }: { catalogue: readonly CatalogueModel[]; llmRelayPort: number },
): Record<string, unknown> {
  const models = catalogue.filter((model) => model.provider === id);
  return {
    ...{ npm, name },
    options: { baseURL: `http://127.0.0.1:${llmRelayPort}/llm/${id}/v1`, apiKey: "added-outside-the-container" },
    models: Object.fromEntries(models.map((model) => [splitModelId(model.id).model, describe(model)])),
  };
}

function describe(model: CatalogueModel): Record<string, unknown> {
  return {
    name: model.name,
    tool_call: true,
    reasoning: model.efforts.length > 0,
    temperature: TAKES_TEMPERATURE.has(model.id),
    attachment: readsPictures(model),
    modalities: { input: readsPictures(model) ? ["text", "image", "pdf"] : ["text"], output: ["text"] },
    limit: describeLimit(model),
    ...(model.provider === "openai" && { variants: openaiVariants(model.efforts) }),
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

/** Every model that is offered reads pictures and PDF files, but the script; of an endpoint's models nobody knows. */
function readsPictures({ provider, scripted }: CatalogueModel): boolean {
  return !scripted && Object.hasOwn(PROVIDERS, provider);
}

/** In tokens. OpenAI's context holds question and answer, so a question may only be as large as what is left. */
function describeLimit({ provider, contextTokens, outputTokens }: CatalogueModel): Record<string, number> {
  const input = provider === "openai" ? { input: contextTokens - outputTokens } : {};
  return { context: contextTokens, ...input, output: outputTokens };
}

/**
 * OpenCode knows the efforts of Anthropic's models by their names, those of OpenAI's only from its catalogue. These are
 * the options its own catalogue gives them: the thoughts are summed up for the reader, and come back in the next request.
 */
function openaiVariants(efforts: readonly string[]): Record<string, unknown> {
  const options = { reasoningSummary: "auto", include: ["reasoning.encrypted_content"] };
  return Object.fromEntries(efforts.map((effort) => [effort, { reasoningEffort: effort, ...options }]));
}
