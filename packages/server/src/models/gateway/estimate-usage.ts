import type { CatalogueModel } from "@background-agents/shared/models/catalogue";
import type { GatewayCall } from "./gateway-path.ts";
import type { Reserved } from "./open-calls.ts";
import type { SentOutcome } from "./send-reply.ts";
import { costUsd, type TokenCounts } from "./token-usage.ts";

/** A token is about so many bytes of English or code. */
const BYTES_A_TOKEN = 4;
/** An event of a stream wraps a few tokens into a hundred bytes and more. */
const STREAM_BYTES_A_TOKEN = 40;
/** The dear models write about so fast, what they think without showing it included; those that are faster cost less. */
const TOKENS_A_SECOND = 100;

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

type Limits = Pick<CatalogueModel, "contextTokens" | "outputTokens" | "pricing">;

/** A call as it was asked of the provider. */
export interface AskedCall {
  call: GatewayCall;
  asked: Readonly<Record<string, unknown>>;
  requestBytes: number;
  /** The provider is asked to keep parts of it for an hour. */
  keepsForAnHour: boolean;
}

/** How a call ended that the provider was asked. */
export interface CallEnd {
  /** `unanswered`: the provider ended it without even the head of an answer. */
  outcome: SentOutcome | "unanswered";
  /** What the provider told of. */
  counted: TokenCounts | undefined;
  /** The stream itself said that it is over. */
  isOver: boolean;
  answerBytes: number;
  /** Since the provider was asked. */
  seconds: number;
}

/** Pure: what of a question says how much it may use: all of it that needs to be kept until the answer is there. */
export function boundsOf(call: GatewayCall, asked: AskedCall["asked"]): AskedCall["asked"] {
  const fields = ["stream", ...(LIMITS[call] ?? []), ...(CHOICES[call] ?? [])];
  const isShort = (value: unknown) =>
    typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && value.length <= 20);
  return Object.fromEntries(fields.map((field) => [field, asked[field]]).filter(([, value]) => isShort(value)));
}

/** Pure: the most that a call may use, as far as can be told before it is made. */
export function mostUsage(model: Limits, asked: AskedCall): Reserved {
  const inputTokens = inputBySize(model, asked);
  const outputTokens = mostOutput(model, asked);
  const plain = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const hourCacheTokens = asked.keepsForAnHour ? inputTokens : 0;
  const cached = { ...plain, inputTokens: 0, cacheWriteTokens: inputTokens, hourCacheTokens };
  return { tokens: inputTokens + outputTokens, usd: Math.max(costUsd(model, plain), costUsd(model, cached)) };
}

/**
 * Pure: what a call is taken to have used; undefined: nothing. What the provider told, where it told it to the end; else
 * an estimate on the safe side, so that a budget cannot be outrun by hanging up before the tokens are told:
 *
 * | end                           | question          | answer                                                       |
 * |-------------------------------|-------------------|--------------------------------------------------------------|
 * | whole, its tokens not told    | told, or by size  | by size                                                      |
 * | a stream that was cut short   | told, or by size  | told, by size or by time, whichever is most (thinking is not |
 * |                               |                   | always shown); never more than was asked for                 |
 * | a stream that never began     | by size           | nothing, if the provider ended it: it sends a head first     |
 * | one piece that was cut short  | told, or by size  | all that was asked for: it is made to its end, unseen        |
 *
 * Agents ask for streams: one that the user stops costs about what was written by then.
 */
export function usageOf(model: Limits, asked: AskedCall, end: CallEnd): TokenCounts | undefined {
  const { counted, outcome, isOver } = end;
  if (counted && (outcome === "sent" || isOver)) return counted;
  // An error as the stream's last word. Servers of chat completions do not all tell what they used.
  if (isOver && asked.call !== "chat-completions") return undefined;
  const told = counted ?? {
    ...{ inputTokens: inputBySize(model, asked), outputTokens: 0 },
    ...{ cacheReadTokens: 0, cacheWriteTokens: 0 },
  };
  const most = mostOutput(model, asked);
  return { ...told, outputTokens: Math.max(told.outputTokens, Math.min(most, outputOf(asked, end) ?? most)) };
}

/** Undefined where nothing bounds it but what was asked for. */
function outputOf({ asked }: AskedCall, { outcome, answerBytes, seconds }: CallEnd): number | undefined {
  const isWhole = outcome === "sent";
  if (asked["stream"] !== true) return isWhole ? Math.ceil(answerBytes / BYTES_A_TOKEN) : undefined;
  if (outcome === "unanswered") return 0;
  const bySize = Math.ceil(answerBytes / STREAM_BYTES_A_TOKEN);
  return isWhole ? bySize : Math.max(bySize, Math.ceil(seconds * TOKENS_A_SECOND));
}

function inputBySize({ contextTokens }: Limits, { requestBytes }: AskedCall): number {
  return Math.min(contextTokens, Math.ceil(requestBytes / BYTES_A_TOKEN));
}

function mostOutput({ outputTokens }: Limits, { call, asked }: AskedCall): number {
  const given = (fields: readonly string[] = []): number[] =>
    fields.map((field) => Number(asked[field])).filter((value) => Number.isFinite(value) && value > 0);
  const limits = given(LIMITS[call]);
  const answer = limits.length === 0 ? outputTokens : Math.min(outputTokens, Math.max(...limits));
  return answer * Math.max(1, ...given(CHOICES[call]));
}
