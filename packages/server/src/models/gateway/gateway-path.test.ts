import { describe, expect, it } from "vitest";
import { parseGatewayPath } from "./gateway-path.ts";

describe("parseGatewayPath", () => {
  it.each([
    ["POST", "anthropic/v1/messages", "anthropic", "messages"],
    ["POST", "anthropic/v1/messages?beta=true", "anthropic", "messages"],
    ["POST", "anthropic/v1/messages/count_tokens", "anthropic", "count-tokens"],
    ["GET", "anthropic/v1/models", "anthropic", "models"],
    ["POST", "openai/v1/responses", "openai", "responses"],
    ["POST", "openai/v1/chat/completions", "openai", "chat-completions"],
    ["POST", "demo/v1/messages", "demo", "messages"],
  ])("%s %s", (...row) => {
    const [method, path, provider, call] = row;
    expect(parseGatewayPath(method, path)).toEqual({ provider, call, path: path.slice(provider.length) });
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
    ["POST", "https://api.anthropic.com/v1/messages"],
    ["POST", ""],
  ])("refuses %s %j", (method, path) => {
    expect(parseGatewayPath(method, path)).toBeUndefined();
  });
});
