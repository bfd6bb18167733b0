import { z } from "zod";
import type { ScriptedRequest } from "./script-step.ts";
import type { WireEncoder } from "./wire-encoder.ts";

const Block = z.looseObject({ type: z.string(), text: z.string().optional(), content: z.unknown().optional() });
const Body = z.looseObject({
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks = z.array(Block).safeParse(content);
  return blocks.success ? blocks.data.map((block) => block.text ?? "").join("") : "";
}

/** Reads an Anthropic Messages request in the terms of {@link ScriptedRequest}. */
export function readAnthropicRequest(body: unknown): Pick<ScriptedRequest, "userText" | "toolResults" | "tools"> {
  const { messages, tools } = Body.parse(body);
  let userText = "";
  let toolResults: string[] = [];
  for (const { role, content } of messages) {
    if (role !== "user") continue;
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
    const said = blocks.filter((block) => block.type === "text").map((block) => block.text ?? "");
    if (said.length > 0) {
      userText = said.join("\n");
      toolResults = [];
    }
    for (const block of blocks) if (block.type === "tool_result") toolResults.push(textOf(block.content));
  }
  return { userText, toolResults, tools: (tools ?? []).map((tool) => tool.name) };
}

/** Encodes steps as the SSE of the Anthropic Messages API. */
export function createAnthropicEncoder(model: string): WireEncoder {
  let blocks = 0;
  let toolUsed = false;
  const block = (start: Record<string, unknown>, deltas: Record<string, unknown>[]) => {
    const index = blocks++;
    return [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ];
  };
  return {
    start: () => [
      {
        type: "message_start",
        message: {
          id: `msg_${crypto.randomUUID()}`,
          type: "message",
          role: "assistant",
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 100, output_tokens: 1 },
        },
      },
    ],
    openText: () => ({ type: "content_block_start", index: blocks, content_block: { type: "text", text: "" } }),
    textDelta: (text) => [{ type: "content_block_delta", index: blocks, delta: { type: "text_delta", text } }],
    closeText: () => [{ type: "content_block_stop", index: blocks++ }],
    thinking: (thinking) =>
      block({ type: "thinking", thinking: "" }, [
        { type: "thinking_delta", thinking },
        { type: "signature_delta", signature: "c2ln" },
      ]),
    tool: (name, input) => {
      toolUsed = true;
      const json = JSON.stringify(input);
      const half = Math.ceil(json.length / 2);
      return block({ type: "tool_use", id: `toolu_${crypto.randomUUID().replaceAll("-", "")}`, name, input: {} }, [
        { type: "input_json_delta", partial_json: json.slice(0, half) },
        { type: "input_json_delta", partial_json: json.slice(half) },
      ]);
    },
    end: () => [
      {
        type: "message_delta",
        delta: { stop_reason: toolUsed ? "tool_use" : "end_turn", stop_sequence: null },
        usage: { output_tokens: 20 },
      },
      { type: "message_stop" },
    ],
    errorBody: (status, message) => ({
      type: "error",
      error: { type: status === 429 ? "rate_limit_error" : "api_error", message },
    }),
  };
}
