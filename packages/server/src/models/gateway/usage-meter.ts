import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { GatewayCall } from "./gateway-path.ts";
import { AnthropicUsage, mergeAnthropicUsage, OpenaiUsage, openaiCounts, type TokenCounts } from "./token-usage.ts";

/** A line or body longer than this is not looked into (the bytes still go through). */
const LONGEST_READ = 16 * 1024 * 1024;

export interface UsageMeter {
  /** Reads a chunk of the answer; the caller sends it on unchanged. */
  push(chunk: Uint8Array): void;
  /** The answer is over. */
  end(): void;
  /** What has been counted so far; undefined until the provider said anything about it. */
  counts(): TokenCounts | undefined;
  /** Bytes of the answer so far. */
  bytes(): number;
  /** Whether a streamed answer came to the end its format prescribes. Always true for answers in one piece. */
  complete(): boolean;
  /** Whether a streamed answer said itself that it is over. */
  isOver(): boolean;
}

const StreamEvent = z.object({
  type: z.string().optional(),
  message: z.object({ usage: AnthropicUsage.nullish() }).nullish(),
  response: z.object({ usage: OpenaiUsage.nullish() }).nullish(),
  usage: z.unknown().optional(),
});

const WITH_USAGE = z.object({ usage: z.unknown() });

/** What a line holds when it can carry counts or the end of the stream. */
const TELLING = ['"usage"', '"error"', '"message_stop"', '"response.completed"'];

const LAST_EVENTS = new Set(["message_stop", "error", "response.completed", "response.incomplete", "response.failed"]);

/** Counts tokens from an answer of the given call while it passes. */
export function createUsageMeter(call: GatewayCall, contentType: string): UsageMeter {
  const streamed = contentType.startsWith("text/event-stream");
  const decoder = new StringDecoder("utf8");
  let counts: TokenCounts | undefined;
  let ended = false;
  let pending = "";
  let overlong = false;
  let bytes = 0;

  const takeUsage = (usage: unknown) => {
    if (call === "messages") {
      const read = AnthropicUsage.safeParse(usage);
      if (read.success) counts = mergeAnthropicUsage(counts, read.data);
    } else if (call === "responses" || call === "chat-completions") {
      const read = OpenaiUsage.safeParse(usage);
      if (read.success) counts = openaiCounts(read.data);
    }
  };

  const takeEvent = (data: string) => {
    // Most lines are deltas: only those that can say something are parsed.
    if (!TELLING.some((mark) => data.includes(mark))) return;
    const event = StreamEvent.safeParse(parseJson(data));
    if (!event.success) return;
    const { type, message, response, usage } = event.data;
    if (type !== undefined && LAST_EVENTS.has(type)) ended = true;
    const found = message?.usage ?? response?.usage ?? usage;
    if (found) takeUsage(found);
  };

  const takeLine = (line: string) => {
    if (!line.startsWith("data:")) return;
    const data = line.slice(5).trim();
    if (data === "[DONE]") ended = true;
    else takeEvent(data);
  };

  const takeText = (text: string) => {
    pending += text;
    if (streamed && /[\r\n]/.test(text)) {
      const lines = pending.split(/\r\n|\n|\r/);
      pending = lines.pop() ?? "";
      for (const line of lines) {
        if (!overlong) takeLine(line);
        overlong = false;
      }
    }
    if (pending.length > LONGEST_READ) {
      pending = "";
      overlong = true;
    }
  };

  return {
    push: (chunk) => {
      bytes += chunk.byteLength;
      takeText(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    },
    end: () => {
      takeText(decoder.end());
      if (overlong) return;
      if (streamed) return takeLine(pending);
      const whole = WITH_USAGE.safeParse(parseJson(pending));
      if (whole.success) takeUsage(whole.data.usage);
    },
    counts: () => counts,
    bytes: () => bytes,
    // Compatible servers do not all write [DONE], so a chat stream may end as it likes.
    isOver: () => ended,
    complete: () => ended || !streamed || call === "chat-completions",
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
