import type { CatalogueModel } from "@background-agents/shared/models/catalogue";
import type { GatewayCall } from "./gateway-path.ts";
import type { Reserved } from "./open-calls.ts";
import { costUsd, type TokenCounts } from "./token-usage.ts";

/** A token is about so many bytes of English or code. */
const BYTES_A_TOKEN = 4;
/** An event of a stream wraps a few tokens into a hundred bytes and more. */
const STREAM_BYTES_A_TOKEN = 40;

/** The fields that bound one answer. A wire passes over those of another one, and its default is used. */
const LIMITS: Partial<Record<GatewayCall, readonly string[]>> = {
  messages: ["max_tokens"],
  responses: ["max_output_tokens"],
  "chat-completions": ["max_tokens", "max_completion_tokens"],
};

/** The fields that ask for several answers at once; servers of this format know one or both. */
const CHOICES: Partial<Record<GatewayCall, readonly string[]>> = {
  "chat-completions": ["n", "best_of"],
};

/** Pure: the most that a call may use, as far as can be told before it is made. */
export function mostUsage(
  model: Pick<CatalogueModel, "contextTokens" | "outputTokens" | "pricing">,
  { call, asked, requestBytes }: { call: GatewayCall; asked: Readonly<Record<string, unknown>>; requestBytes: number },
): Reserved {
  const given = (fields: readonly string[] = []): number[] =>
    fields.map((field) => Number(asked[field])).filter((value) => Number.isFinite(value) && value > 0);
  const limits = given(LIMITS[call]);
  const answer = limits.length === 0 ? model.outputTokens : Math.min(model.outputTokens, Math.max(...limits));
  const inputTokens = Math.min(model.contextTokens, Math.ceil(requestBytes / BYTES_A_TOKEN));
  const outputTokens = answer * Math.max(1, ...given(CHOICES[call]));
  const plain = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const cached = { ...plain, inputTokens: 0, cacheWriteTokens: inputTokens };
  return { tokens: inputTokens + outputTokens, usd: Math.max(costUsd(model, plain), costUsd(model, cached)) };
}

/**
 * Pure: what a call is taken to have used that the provider did not (or not to the end) tell of: the client hung up, or
 * the server does not count. Without it a budget could be outrun by hanging up before the last event.
 */
export function estimateUsage(
  counted: TokenCounts | undefined,
  seen: { requestBytes: number; answerBytes: number; contextTokens: number },
): TokenCounts {
  const { requestBytes, answerBytes, contextTokens } = seen;
  const before = counted ?? {
    inputTokens: Math.min(contextTokens, Math.ceil(requestBytes / BYTES_A_TOKEN)),
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
  return { ...before, outputTokens: Math.max(before.outputTokens, Math.ceil(answerBytes / STREAM_BYTES_A_TOKEN)) };
}
