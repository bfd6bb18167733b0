import type { TokenCounts } from "./token-usage.ts";

/** A token is about so many bytes of English or code. */
const BYTES_A_TOKEN = 4;
/** An event of a stream wraps a few tokens into a hundred bytes and more. */
const STREAM_BYTES_A_TOKEN = 40;

const LIMITS = ["max_tokens", "max_completion_tokens", "max_output_tokens"] as const;

/** Pure: the most that a call may use, as far as can be told before it is made. */
export function mostUsage(
  model: { contextTokens: number; outputTokens: number },
  asked: Readonly<Record<string, unknown>>,
  requestBytes: number,
): TokenCounts {
  const given = LIMITS.map((name) => asked[name]).find((limit) => typeof limit === "number" && limit > 0);
  return {
    inputTokens: Math.min(model.contextTokens, Math.ceil(requestBytes / BYTES_A_TOKEN)),
    outputTokens: Math.min(model.outputTokens, typeof given === "number" ? given : model.outputTokens),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
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
