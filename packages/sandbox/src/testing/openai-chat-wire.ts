import { z } from "zod";
import { openaiErrorType } from "./openai-wire.ts";
import type { ScriptedRequest } from "./script-step.ts";
import type { WireEncoder, WireEvent } from "./wire-encoder.ts";

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Body = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(Part)]).nullish() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

/** Reads a request of OpenAI's Chat Completions in the terms of {@link ScriptedRequest}. */
export function readChatRequest(body: unknown): Pick<ScriptedRequest, "userText" | "toolResults" | "tools"> {
  const { messages, tools } = Body.parse(body);
  let userText = "";
  let toolResults: string[] = [];
  for (const { role, content } of messages) {
    const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n");
    if (role === "user") {
      userText = text;
      toolResults = [];
    } else if (role === "tool") toolResults.push(text);
  }
  return { userText, toolResults, tools: (tools ?? []).map((tool) => tool.function.name) };
}

/** Encodes steps as the SSE of Chat Completions, as servers write it that are compatible with OpenAI's. */
export function createChatEncoder(model: string): WireEncoder {
  const id = `chatcmpl-${crypto.randomUUID()}`;
  let calls = 0;
  const chunk = (fields: Record<string, unknown>): WireEvent => ({
    ...{ type: "message", id, object: "chat.completion.chunk", created: 1_700_000_000, model },
    ...fields,
  });
  const delta = (content: Record<string, unknown>, finish: string | null = null): WireEvent =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: finish }] });
  return {
    start: () => [delta({ role: "assistant", content: "" })],
    openText: () => [],
    textDelta: (text) => [delta({ content: text })],
    closeText: () => [],
    thinking: (text) => [delta({ reasoning_content: text })],
    tool: (name, input) => {
      const call = { index: calls++, id: `call_${crypto.randomUUID().replaceAll("-", "")}`, type: "function" };
      return [delta({ tool_calls: [{ ...call, function: { name, arguments: JSON.stringify(input) } }] })];
    },
    end: () => [
      delta({}, calls > 0 ? "tool_calls" : "stop"),
      chunk({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } }),
    ],
    errorBody: (status, message) => ({ error: { message, type: openaiErrorType(status), code: null, param: null } }),
  };
}
