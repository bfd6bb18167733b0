import { describe, expect, it } from "vitest";
import { createModelListClient } from "./model-list-client.ts";
import { buildUpstreams } from "./provider-upstreams.ts";
import { KEYS, type ProviderScript } from "./testing/local-gateway.ts";
import { openGateway } from "./testing/open-gateway.ts";

async function start(script: ProviderScript) {
  const local = await openGateway({ script });
  const baseUrls = { anthropic: local.providerUrl, openai: `${local.providerUrl}/v1` };
  return { ...local, list: createModelListClient({ findUpstream: buildUpstreams({ keys: KEYS, baseUrls }) }) };
}

describe("createModelListClient", () => {
  it("reads both providers' lists, each with its own key", async () => {
    const data = [
      { id: "m-1", display_name: "M 1", max_input_tokens: 5000, max_tokens: null },
      { id: "m-2", created: 1 },
    ];
    const local = await start((response) => void response.end(JSON.stringify({ data, has_more: false })));
    expect(await local.list("anthropic")).toEqual([
      { id: "m-1", name: "M 1", contextTokens: 5000, outputTokens: undefined },
      { id: "m-2", name: undefined, contextTokens: undefined, outputTokens: undefined },
    ]);
    await local.list("openai");
    const [anthropic, openai] = local.received;
    expect([anthropic?.url, anthropic?.headers["x-api-key"]]).toEqual(["/v1/models?limit=1000", KEYS.anthropic]);
    expect([openai?.url, openai?.headers.authorization]).toEqual(["/v1/models", `Bearer ${KEYS.openai}`]);
  });

  it.each([
    ["another status", 401, "{}", "answered 401"],
    ["another shape", 200, '{"models":[]}', "data"],
    ["no JSON", 200, "<html>", "JSON"],
  ])("rejects on %s", async (...row) => {
    const [, status, body, message] = row;
    const local = await start((response) => void response.writeHead(status).end(body));
    await expect(local.list("openai")).rejects.toThrow(message);
  });
});
