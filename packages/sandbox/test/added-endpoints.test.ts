import type { CatalogueModel } from "@background-agents/shared/models/catalogue";
import type { EndpointWire } from "@background-agents/shared/models/endpoint";
import { buildOpencodeEndpoint } from "@background-agents/shared/models/opencode-providers";
import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

/** As the server writes a model of an endpoint that the user added, into the configuration and to each prompt. */
function endpoint(id: string, wire: EndpointWire, llmRelayPort: number) {
  const model: CatalogueModel = {
    ...{ id: `${id}/qwen/coder:32b`, name: "Coder", provider: id, efforts: [], pricing: null, scripted: false },
    ...{ contextTokens: 40_000, outputTokens: 8000 },
  };
  return buildOpencodeEndpoint({ id, name: id, wire }, { catalogue: [model], llmRelayPort });
}

it("works with endpoints in each wire, also one that was added while it runs, and with nothing fetched", async () => {
  sandbox = await startSandboxUnderTest({
    script: ({ toolResults, userText }) => {
      // What the gateway says where a budget is used up.
      if (userText === "Too much") return [{ status: 402, message: "The budget is used up" }];
      return toolResults.length === 0
        ? [{ text: "I look." }, { tool: "bash", input: { command: "echo $((40 + 2))", description: "d" } }]
        : [{ text: "Done." }];
    },
    spec: (spec) => ({
      ...spec,
      opencodeConfig: {
        ...spec.opencodeConfig,
        enabled_providers: ["anthropic", "our-gateway", "our-proxy"],
        provider: {
          ...(spec.opencodeConfig["provider"] as Record<string, unknown>),
          "our-gateway": endpoint("our-gateway", "openai-responses", spec.llmRelayPort),
          "our-proxy": endpoint("our-proxy", "anthropic", spec.llmRelayPort),
        },
      },
    }),
  });
  const first = sandbox.openCodePids();
  const turns = [
    ["our-gateway", "openai-responses", "openai"],
    ["our-proxy", "anthropic", "anthropic"],
    ["our-gpu", "openai-chat", "openai-chat"],
  ] as const;
  for (const [id, wire, asked] of turns) {
    const before = sandbox.model.requests.length;
    const model = { providerID: id, modelID: "qwen/coder:32b" };
    const prompt = sandbox.deliver("Go", { model, provider: endpoint(id, wire, sandbox.spec.llmRelayPort) });
    expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "completed" });
    const requests = sandbox.model.requests.slice(before);
    expect(requests.map((request) => request.wire)).toEqual([asked, asked]);
    expect(requests[0]?.path).toContain(`/llm/${id}/v1/`);
    expect(requests[0]?.body["model"]).toBe("qwen/coder:32b");
    expect(JSON.stringify(requests[1]?.toolResults)).toContain("42");
    const refused = await sandbox.ended(sandbox.deliver("Too much", { model }));
    expect(refused).toMatchObject({ outcome: "failed", error: { message: "The budget is used up" } });
    expect(sandbox.model.requests).toHaveLength(before + 3);
    // Only for what it did not start with it is started anew.
    expect(JSON.stringify(sandbox.openCodePids()) === JSON.stringify(first)).toBe(id !== "our-gpu");
  }
  expect(sandbox.hub.bodies().filter((body) => body.kind === "notice")).toEqual([]);
});
