import { describe, expect, it } from "vitest";
import type { EndpointWire } from "@background-agents/shared/models/endpoint";
import { parseGatewayPath } from "./gateway-path.ts";

const WIRES = new Map([
  ["anthropic", "anthropic"],
  ["demo", "anthropic"],
  ["openai", "openai-responses"],
  ["our-gpu", "openai-chat"],
] as const);
const findWire = (provider: string) => new Map<string, EndpointWire>(WIRES).get(provider);

describe("parseGatewayPath", () => {
  it.each([
    ["POST", "anthropic/v1/messages", "anthropic", "messages"],
    ["POST", "anthropic/v1/messages?beta=true", "anthropic", "messages"],
    ["POST", "anthropic/v1/messages/count_tokens", "anthropic", "count-tokens"],
    ["GET", "anthropic/v1/models", "anthropic", "models"],
    ["POST", "openai/v1/responses", "openai", "responses"],
    ["POST", "openai/v1/chat/completions", "openai", "chat-completions"],
    ["POST", "demo/v1/messages", "demo", "messages"],
    ["POST", "our-gpu/v1/chat/completions", "our-gpu", "chat-completions"],
  ])("%s %s", (...row) => {
    const [method, path, provider, call] = row;
    const wire = findWire(provider);
    expect(parseGatewayPath(method, path, findWire)).toEqual({
      provider,
      wire,
      call,
      path: path.slice(provider.length),
    });
  });

  it.each([
    ["GET", "anthropic/v1/messages"],
    ["DELETE", "openai/v1/responses"],
    ["POST", "openai/v1/files"],
    ["POST", "openai/v1/responses/x/cancel"],
    ["POST", "anthropic/v1/messages/"],
    ["POST", "anthropic/v1//messages"],
    ["POST", "anthropic//v1/messages"],
    ["POST", "anthropic/v1/organizations/../messages"],
    ["POST", "anthropic/v1/%6dessages"],
    ["POST", "anthropic/v1/messages#x"],
    ["POST", "anthropic/v1/messages? x"],
    ["POST", "anthropic/v1/messages?x\r\nx-api-key: y"],
    ["POST", "anthropic@evil.example/v1/messages"],
    ["POST", "other/v1/messages"],
    ["POST", "our-gpu/v1/responses"],
    ["POST", "https://api.anthropic.com/v1/messages"],
    ["POST", ""],
  ])("refuses %s %j", (method, path) => {
    expect(parseGatewayPath(method, path, findWire)).toBeUndefined();
  });
});
