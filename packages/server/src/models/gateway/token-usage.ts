import type { CatalogueModel, Pricing } from "@background-agents/shared/models/catalogue";
import { z } from "zod";

/** Tokens of one call. `inputTokens` leaves out what was read from or written to the provider's cache. */
export interface TokenCounts {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that the provider keeps for an hour, which costs more; absent: none. */
  hourCacheTokens?: number;
}

/** What a token in the cache of an hour costs: the catalogue has the price of the usual, shorter one. */
const HOUR_CACHE_TIMES_INPUT = 2;

const count = z.int().nonnegative().nullish();

/** Anthropic counts cached tokens beside `input_tokens`. */
export const AnthropicUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count }).nullish(),
});

const details = z.object({ cached_tokens: count, cache_write_tokens: count }).nullish();

/** OpenAI counts cached tokens within the input; Responses and Chat Completions name the fields differently. */
export const OpenaiUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: details,
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: details,
});

/** Later messages of one stream overwrite what they name and keep the rest. */
export function mergeAnthropicUsage(
  before: TokenCounts | undefined,
  usage: z.infer<typeof AnthropicUsage>,
): TokenCounts {
  const hourCacheTokens = usage.cache_creation?.ephemeral_1h_input_tokens ?? before?.hourCacheTokens;
  return {
    ...(hourCacheTokens !== undefined && { hourCacheTokens }),
    inputTokens: usage.input_tokens ?? before?.inputTokens ?? 0,
    outputTokens: usage.output_tokens ?? before?.outputTokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? before?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? before?.cacheWriteTokens ?? 0,
  };
}

export function openaiCounts(usage: z.infer<typeof OpenaiUsage>): TokenCounts {
  const cached = usage.input_tokens_details ?? usage.prompt_tokens_details;
  const cacheReadTokens = cached?.cached_tokens ?? 0;
  const cacheWriteTokens = cached?.cache_write_tokens ?? 0;
  const total = usage.input_tokens ?? usage.prompt_tokens ?? 0;
  return {
    inputTokens: Math.max(0, total - cacheReadTokens - cacheWriteTokens),
    outputTokens: usage.output_tokens ?? usage.completion_tokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
  };
}

/** What the call cost in US dollars by the catalogue's prices; 0 for a model without a price. */
export function costUsd(model: Pick<CatalogueModel, "pricing">, counts: TokenCounts): number {
  if (!model.pricing) return 0;
  const wholeInput = counts.inputTokens + counts.cacheReadTokens + counts.cacheWriteTokens;
  const { longContext } = model.pricing;
  const price: Omit<Pricing, "longContext"> =
    longContext && wholeInput > longContext.overTokens ? longContext : model.pricing;
  const hourTokens = Math.min(counts.cacheWriteTokens, counts.hourCacheTokens ?? 0);
  const perMillion =
    counts.inputTokens * price.inputUsd +
    counts.outputTokens * price.outputUsd +
    counts.cacheReadTokens * price.cacheReadUsd +
    (counts.cacheWriteTokens - hourTokens) * price.cacheWriteUsd +
    hourTokens * Math.max(price.cacheWriteUsd, price.inputUsd * HOUR_CACHE_TIMES_INPUT);
  return perMillion / 1_000_000;
}
