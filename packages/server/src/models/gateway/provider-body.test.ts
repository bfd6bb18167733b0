import { describe, expect, it } from "vitest";
import { buildProviderBody } from "./provider-body.ts";

const URL = "https://evil.example/?secret=1";

describe("buildProviderBody", () => {
  it("has a stream of chat completions tell its tokens, whatever was asked", () => {
    const asked = { model: "m", stream: true, stream_options: { include_usage: false, include_obfuscation: false } };
    expect(buildProviderBody("chat-completions", asked)).toEqual({
      ...asked,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(buildProviderBody("chat-completions", { model: "m" })).toEqual({ model: "m" });
    expect(buildProviderBody("responses", { model: "m", stream: true })).toEqual({ model: "m", stream: true });
  });

  it("leaves out dearer ways of being served, and other models", () => {
    const dearer = { service_tier: "priority", speed: "fast", inference_geo: "us" };
    expect(buildProviderBody("messages", { model: "m", ...dearer })).toEqual({ model: "m" });
    const others = { models: ["dear"], route: "fallback", fallbacks: ["dear"] };
    expect(buildProviderBody("chat-completions", { model: "m", ...others })).toEqual({ model: "m" });
  });

  it.each([
    ["background", { background: true }],
    ["background", { background: "true" }],
    ["send the conversation", { previous_response_id: "resp_1" }],
    ["send the conversation", { input: [{ type: "item_reference", id: "msg_1" }] }],
  ])("refuses what could not be counted: %s %j", (...row) => {
    const [words, body] = row;
    expect(buildProviderBody("responses", { model: "m", ...body })).toContain(words);
  });

  it("passes on that nothing of this is wanted", () => {
    const body = { model: "m", background: false, previous_response_id: null };
    expect(buildProviderBody("responses", body)).toEqual(body);
  });

  it("passes on what an agent says and what its tools are called with", () => {
    const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } };
    const bodies = [
      {
        messages: [
          { role: "user", content: `see ${URL}` },
          {
            role: "assistant",
            content: [{ type: "tool_use", name: "fetch", input: { source: { type: "url", url: URL } } }],
          },
          { role: "user", content: [{ type: "tool_result", content: [{ type: "text", text: URL }, picture] }] },
        ],
        tools: [{ name: "bash", input_schema: {} }],
        mcp_servers: [],
      },
      {
        input: [
          { role: "user", content: [{ type: "input_image", image_url: "data:image/png;base64,AA==" }] },
          { type: "function_call", name: "x", arguments: JSON.stringify({ image_url: URL }) },
          { type: "function_call_output", output: URL },
          {
            role: "user",
            content: [{ type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" }],
          },
        ],
        tools: [{ type: "function", name: "bash" }],
        prompt: null,
      },
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "image_url", image_url: { url: "DATA:image/png;base64,AA==", detail: "low" } },
              { type: "video_url", video_url: { url: "data:video/mp4;base64,AA==" } },
              { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
              { type: "file", file: { filename: "a.pdf", file_data: "AA==" } },
            ],
          },
          { role: "assistant", content: null, tool_calls: [{ id: "1", function: { name: "x", arguments: URL } }] },
        ],
      },
    ];
    for (const body of bodies) expect(buildProviderBody("responses", body)).toEqual(body);
  });

  it.each([
    ["MCP servers", { mcp_servers: [{ type: "url", url: URL }] }],
    ["web_search_20250305", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    [
      "mcp",
      {
        tools: [
          { type: "function", name: "x" },
          { type: "mcp", server_url: URL },
        ],
      },
    ],
    ["web_search_options", { web_search_options: {} }],
    ["plugins", { plugins: [{ id: "web" }] }],
    ["by address", { messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: URL } }] }] }],
    [
      "by address",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "tool_result", content: [{ type: "document", source: { type: "url", url: URL } }] }],
          },
        ],
      },
    ],
    ...["video_url", "audio_url", "input_url", "document_url", "imageUrl", "image_urls", "url"].flatMap(
      (key): [string, Record<string, unknown>][] => [
        ["by address", { messages: [{ role: "user", content: [{ type: key, [key]: { url: URL } }] }] }],
        ["by address", { messages: [{ role: "user", content: [{ type: key, [key]: URL }] }] }],
        ["by address", { messages: [{ role: "user", content: [{ type: key, [key]: { url: ["data:", URL] } }] }] }],
      ],
    ),
    ["by address", { messages: [{ role: "user", content: [{ type: "file", file: { file_data: URL } }] }] }],
    ["by address", { input: [{ role: "user", content: [{ type: "input_file", file_data: URL }] }] }],
    ["by address", { messages: [{ role: "assistant", content: "", images: [{ image_url: { url: URL } }] }] }],
    ["by address", { instructions: [{ role: "developer", content: [{ type: "input_image", image_url: URL }] }] }],
    ["by address", { system: [{ type: "image", source: { type: "url", url: URL } }] }],
    ["by address", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: URL } }] }] }],
    ["by address", { input: [{ role: "user", content: [{ type: "input_image", image_url: URL }] }] }],
    ["by address", { input: [{ role: "user", content: [{ type: "input_file", file_url: URL }] }] }],
    ["by address", { input: [{ type: "function_call_output", output: [{ type: "input_image", image_url: URL }] }] }],
  ])("refuses %s", (...row) => {
    const [words, body] = row;
    expect(buildProviderBody("responses", body)).toContain(words);
  });
});
