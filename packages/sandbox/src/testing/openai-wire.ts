import { z } from "zod";
import type { ScriptedRequest } from "./script-step.ts";
import type { WireEncoder, WireEvent } from "./wire-encoder.ts";

const Item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).optional(),
  output: z.unknown().optional(),
});
const Body = z.looseObject({
  input: z.array(Item),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
});

/** Reads an OpenAI Responses request in the terms of {@link ScriptedRequest}. */
export function readOpenAIRequest(body: unknown): Pick<ScriptedRequest, "userText" | "toolResults" | "tools"> {
  const { input, tools } = Body.parse(body);
  let userText = "";
  let toolResults: string[] = [];
  for (const item of input) {
    if (item.role === "user") {
      const { content = "" } = item;
      userText = typeof content === "string" ? content : content.map((block) => block.text ?? "").join("\n");
      toolResults = [];
    } else if (item.type === "function_call_output") {
      toolResults.push(typeof item.output === "string" ? item.output : JSON.stringify(item.output));
    }
  }
  return { userText, toolResults, tools: (tools ?? []).flatMap((tool) => tool.name ?? []) };
}

export function openaiErrorType(status: number): string {
  if (status === 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** Encodes steps as the SSE of the OpenAI Responses API. */
export function createOpenAIEncoder(model: string): WireEncoder {
  const id = `resp_${crypto.randomUUID()}`;
  const response = { id, object: "response", created_at: 1_700_000_000, model, status: "in_progress", output: [] };
  let sequence = 0;
  let outputs = 0;
  let textId = "";
  let said = "";
  const event = (type: string, fields: Record<string, unknown>): WireEvent => ({
    type,
    sequence_number: sequence++,
    ...fields,
  });
  const message = (status: string) => ({
    id: textId,
    type: "message",
    role: "assistant",
    status,
    content: status === "completed" ? [{ type: "output_text", text: said, annotations: [], logprobs: [] }] : [],
  });
  return {
    start: () => [event("response.created", { response }), event("response.in_progress", { response })],
    openText: () => {
      textId = `msg_${crypto.randomUUID()}`;
      said = "";
      return [
        event("response.output_item.added", { output_index: outputs, item: message("in_progress") }),
        event("response.content_part.added", {
          item_id: textId,
          output_index: outputs,
          content_index: 0,
          part: { type: "output_text", text: "", annotations: [], logprobs: [] },
        }),
      ];
    },
    textDelta: (delta) => {
      said += delta;
      const place = { item_id: textId, output_index: outputs, content_index: 0 };
      return [event("response.output_text.delta", { ...place, delta, logprobs: [] })];
    },
    closeText: () => {
      const place = { item_id: textId, output_index: outputs, content_index: 0 };
      const part = { type: "output_text", text: said, annotations: [], logprobs: [] };
      return [
        event("response.output_text.done", { ...place, text: said, logprobs: [] }),
        event("response.content_part.done", { ...place, part }),
        event("response.output_item.done", { output_index: outputs++, item: message("completed") }),
      ];
    },
    thinking: (text) => {
      const item_id = `rs_${crypto.randomUUID()}`;
      const output_index = outputs++;
      const item = { id: item_id, type: "reasoning", encrypted_content: "c2ln" };
      const place = { item_id, output_index, summary_index: 0 };
      const part = { type: "summary_text", text };
      return [
        event("response.output_item.added", { output_index, item: { ...item, summary: [] } }),
        event("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } }),
        event("response.reasoning_summary_text.delta", { ...place, delta: text }),
        event("response.reasoning_summary_text.done", { ...place, text }),
        event("response.reasoning_summary_part.done", { ...place, part }),
        event("response.output_item.done", { output_index, item: { ...item, summary: [part] } }),
      ];
    },
    tool: (name, input) => {
      const item_id = `fc_${crypto.randomUUID()}`;
      const output_index = outputs++;
      const call_id = `call_${crypto.randomUUID().replaceAll("-", "")}`;
      const args = JSON.stringify(input);
      const item = { id: item_id, type: "function_call", call_id, name };
      return [
        event("response.output_item.added", { output_index, item: { ...item, arguments: "", status: "in_progress" } }),
        event("response.function_call_arguments.delta", { item_id, output_index, delta: args }),
        event("response.function_call_arguments.done", { item_id, output_index, arguments: args }),
        event("response.output_item.done", { output_index, item: { ...item, arguments: args, status: "completed" } }),
      ];
    },
    end: () => [
      event("response.completed", {
        response: {
          ...response,
          status: "completed",
          usage: {
            input_tokens: 100,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 20,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 120,
          },
        },
      }),
    ],
    errorBody: (status, text) => ({
      error: { type: openaiErrorType(status), code: null, message: text, param: null },
    }),
  };
}
