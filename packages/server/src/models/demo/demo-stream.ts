import { setTimeout as pause } from "node:timers/promises";
import type { DemoReply } from "./demo-script.ts";

export interface StreamOptions {
  model: string;
  inputTokens: number;
  /** Pause between words, in ms; 0 writes at once. */
  paceMs: number;
  /** Break off in the middle of the text, as a dying provider does. */
  cut: boolean;
  signal: AbortSignal;
}

/** An estimate: four characters a token. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function outputTokens(reply: DemoReply): number {
  const calls = reply.calls.map((call) => call.name + JSON.stringify(call.input)).join("");
  return estimateTokens((reply.thinking ?? "") + reply.text + calls);
}

/** A reply as an Anthropic event stream, word by word. */
export async function* streamReply(reply: DemoReply, options: StreamOptions): AsyncGenerator<Uint8Array> {
  const { model, inputTokens, paceMs, signal } = options;
  const wait = async (ms: number) => {
    if (ms > 0) await pause(ms, undefined, { signal });
  };
  yield event("message_start", {
    message: {
      id: "msg_demo",
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: inputTokens,
        output_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    },
  });
  let index = 0;
  for (const block of blocksOf(reply)) {
    yield event("content_block_start", { index, content_block: block.start });
    const pieces =
      options.cut && block.start.type === "text" ? block.pieces.slice(0, block.pieces.length / 2) : block.pieces;
    for (const piece of pieces) {
      yield event("content_block_delta", { index, delta: block.delta(piece) });
      await wait(block.start.type === "tool_use" ? paceMs / 4 : paceMs);
    }
    if (pieces !== block.pieces) throw new Error("cut by a directive");
    for (const delta of block.closing) yield event("content_block_delta", { index, delta });
    yield event("content_block_stop", { index });
    index += 1;
  }
  yield event("message_delta", {
    delta: { stop_reason: reply.calls.length > 0 ? "tool_use" : "end_turn", stop_sequence: null },
    usage: { output_tokens: outputTokens(reply) },
  });
  yield event("message_stop", {});
}

/** The same reply in one piece, for a request that does not stream. */
export function wholeReply(reply: DemoReply, options: { model: string; inputTokens: number }): Record<string, unknown> {
  return {
    id: "msg_demo",
    type: "message",
    role: "assistant",
    model: options.model,
    content: [
      ...(reply.text ? [{ type: "text", text: reply.text }] : []),
      ...reply.calls.map((call) => ({ type: "tool_use", id: call.id, name: call.name, input: call.input })),
    ],
    stop_reason: reply.calls.length > 0 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: options.inputTokens, output_tokens: outputTokens(reply) },
  };
}

interface Block {
  start: { type: string } & Record<string, unknown>;
  pieces: string[];
  delta(piece: string): Record<string, unknown>;
  closing: Record<string, unknown>[];
}

function blocksOf(reply: DemoReply): Block[] {
  const blocks: Block[] = [];
  if (reply.thinking) {
    blocks.push({
      start: { type: "thinking", thinking: "", signature: "" },
      pieces: words(reply.thinking),
      delta: (thinking) => ({ type: "thinking_delta", thinking }),
      closing: [{ type: "signature_delta", signature: "scripted" }],
    });
  }
  if (reply.text) {
    blocks.push({
      start: { type: "text", text: "" },
      pieces: words(reply.text),
      delta: (text) => ({ type: "text_delta", text }),
      closing: [],
    });
  }
  for (const call of reply.calls) {
    blocks.push({
      start: { type: "tool_use", id: call.id, name: call.name, input: {} },
      pieces: JSON.stringify(call.input).match(/[\s\S]{1,24}/g) ?? [],
      delta: (json) => ({ type: "input_json_delta", partial_json: json }),
      closing: [],
    });
  }
  return blocks;
}

/** Words with the white space after them, so that joined they are the text again. */
function words(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? [text];
}

function event(type: string, data: Record<string, unknown>): Uint8Array {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}
