import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { CatalogueModel } from "@background-agents/shared/models/catalogue";
import { ModelsAnswer } from "@background-agents/shared/protocol/commands";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import type { ProviderKeys } from "./keyed-providers.ts";
import { createModelService } from "./model-service.ts";
import { addedUpstream, buildUpstreams, type FindUpstream } from "./provider-upstreams.ts";

const endpointsOf = (keys: ProviderKeys, added: Endpoint[] = []) => {
  const builtIn = buildUpstreams({ keys, baseUrls: { anthropic: "http://127.0.0.1:9", openai: "http://127.0.0.1:9" } });
  const findUpstream: FindUpstream = (id) => {
    const own = added.find((endpoint) => endpoint.id === id);
    return own ? addedUpstream(own.wire, { baseUrl: own.baseUrl, key: undefined }) : builtIn(id);
  };
  return { findUpstream, listAdded: () => added };
};

const OUR_GPU: Endpoint = {
  ...{ id: "our-gpu", name: "Our GPU", builtIn: false, wire: "openai-chat", baseUrlSource: "global", variable: null },
  baseUrl: "http://127.0.0.1:9/v1",
  key: { set: false, source: null, hint: null },
  models: [{ id: "qwen/coder:32b", contextTokens: 40_000, outputTokens: 8000, pricing: null }],
};

const codeOf = (run: () => unknown) => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("the catalogue", () => {
  it("holds valid models, each once, all providers and one scripted model", () => {
    expect(CATALOGUE.map((model) => CatalogueModel.parse(model))).toEqual(CATALOGUE);
    expect(new Set(CATALOGUE.map((model) => model.id)).size).toBe(CATALOGUE.length);
    for (const model of CATALOGUE) expect(model.id.startsWith(`${model.provider}/`)).toBe(true);
    expect(CATALOGUE.filter((model) => model.scripted).map((model) => model.id)).toEqual(["demo/scripted"]);
  });
});

describe("createModelService", () => {
  const withKeys = (keys: ProviderKeys) => createModelService({ endpoints: endpointsOf(keys) });

  it.each([
    [{}, "demo"],
    [{ openai: "k" }, "openai"],
    [{ anthropic: "k" }, "anthropic"],
    [{ anthropic: "k", openai: "k" }, "anthropic"],
  ])("with the keys %j the default is a model of %s", (keys, provider) => {
    expect(withKeys(keys).defaultModel().provider).toBe(provider);
  });

  it("says of each model whether it can be used and what to do where not", () => {
    const models = withKeys({ openai: "k" }).list();
    expect(ModelsAnswer.parse({ models, default: "demo/scripted" }).models).toEqual(models);
    for (const model of models) {
      expect(model.available).toBe(model.provider !== "anthropic");
      expect(model.reason).toBe(
        model.available ? undefined : "Set ANTHROPIC_API_KEY in .env and restart, or add a key on the settings page",
      );
    }
  });

  it("has the models of endpoints that were added, which need no key, before the script", () => {
    const service = createModelService({ endpoints: endpointsOf({}, [OUR_GPU]) });
    expect(service.require("our-gpu/qwen/coder:32b")).toMatchObject({ provider: "our-gpu", contextTokens: 40_000 });
    expect(service.defaultModel().id).toBe("our-gpu/qwen/coder:32b");
    const models = service.list();
    expect(ModelsAnswer.parse({ models, default: "demo/scripted" }).models).toEqual(models);
    expect(models.find(({ id }) => id === "our-gpu/qwen/coder:32b")).toMatchObject({
      available: true,
      providerName: "Our GPU",
    });
    const config = service.opencodeConfig({ llmRelayPort: 4097, permissionMode: "auto" });
    expect(config).toMatchObject({
      enabled_providers: ["anthropic", "openai", "demo", "our-gpu"],
      provider: {
        "our-gpu": {
          npm: "@ai-sdk/openai-compatible",
          options: { baseURL: "http://127.0.0.1:4097/llm/our-gpu/v1" },
          models: { "qwen/coder:32b": { limit: { context: 40_000, output: 8000 }, tool_call: true } },
        },
      },
    });
    expect(service.opencodeEndpoint("our-gpu/qwen/coder:32b", 4097)).toEqual(
      (config["provider"] as Record<string, unknown>)["our-gpu"],
    );
    expect(service.opencodeEndpoint("demo/scripted", 4097)).toBeUndefined();
  });

  it("names what is possible when a model or an effort is not", () => {
    const service = withKeys({ anthropic: "k" });
    expect(codeOf(() => service.require("anthropic/claude-0"))).toMatchObject({
      code: "model.unknown",
      message: expect.stringContaining("anthropic/claude-sonnet-5"),
    });
    expect(codeOf(() => service.require("openai/gpt-6-sol"))).toMatchObject({
      code: "model.unavailable",
      message: expect.stringContaining("Set OPENAI_API_KEY in .env"),
    });
    expect(codeOf(() => service.require("anthropic/claude-haiku-4-5", "low"))).toMatchObject({
      code: "effort.unknown",
      message: expect.stringContaining("high, max"),
    });
    expect(codeOf(() => service.require("demo/scripted", "high"))).toMatchObject({ code: "effort.unknown" });
    expect(service.require("anthropic/claude-haiku-4-5", "max").id).toBe("anthropic/claude-haiku-4-5");
    expect(service.require("demo/scripted", null).scripted).toBe(true);
  });

  it("adds what a provider's list has and the catalogue lacks, and leaves out what cannot drive an agent", async () => {
    const service = createModelService({
      endpoints: endpointsOf({ anthropic: "k", openai: "k" }),
      fetchModelList: async (provider) =>
        provider === "anthropic"
          ? [
              { id: "claude-opus-9", name: "Claude Opus 9", contextTokens: 2_000_000 },
              { id: "claude-sonnet-5" },
              { id: "claude-haiku-4-5-20251001" },
            ]
          : [
              { id: "gpt-9" },
              { id: "gpt-9-2030-01-01" },
              { id: "gpt-image-2" },
              { id: "gpt-realtime-2.1" },
              { id: "o3" },
            ],
    });
    const before = service.list().map(({ id }) => id);
    await service.refresh();
    await service.refresh();
    const added = service.list().filter(({ id }) => !before.includes(id));
    expect(added.map(({ id }) => id)).toEqual(["anthropic/claude-opus-9", "openai/gpt-9"]);
    expect(added[0]).toMatchObject({ contextTokens: 2_000_000, pricing: null, available: true });
    expect(service.defaultModel().id).toBe(before[0]);
  });

  it("goes on with the catalogue when a list cannot be read, and asks no provider without a key", async () => {
    const asked: string[] = [];
    const warned: unknown[] = [];
    const service = createModelService({
      endpoints: endpointsOf({ anthropic: "k" }),
      fetchModelList: async (provider) => {
        asked.push(provider);
        throw new Error("offline");
      },
      log: { info: () => undefined, warn: (fields: unknown) => warned.push(fields) },
    });
    await service.refresh();
    expect(asked).toEqual(["anthropic"]);
    expect(warned).toEqual([{ provider: "anthropic", reason: "offline" }]);
    expect(service.list()).toHaveLength(CATALOGUE.length);
  });
});

describe("opencodeConfig", () => {
  it("points every provider at the relay, writes every model, and holds no key", () => {
    const service = createModelService({ endpoints: endpointsOf({ anthropic: "sk-ant-CANARY", openai: "sk-CANARY" }) });
    const config = service.opencodeConfig({ llmRelayPort: 4097, permissionMode: "auto" });
    expect(JSON.stringify(config)).not.toContain("CANARY");
    expect(config).toMatchObject({
      enabled_providers: ["anthropic", "openai", "demo"],
      small_model: "demo/scripted",
      share: "disabled",
      autoupdate: false,
      provider: {
        anthropic: { options: { baseURL: "http://127.0.0.1:4097/llm/anthropic/v1" } },
        openai: { options: { baseURL: "http://127.0.0.1:4097/llm/openai/v1" } },
        demo: { npm: "@ai-sdk/anthropic", models: { scripted: { tool_call: true } } },
      },
    });
    for (const model of CATALOGUE) {
      const name = model.id.slice(model.provider.length + 1);
      expect(config).toHaveProperty(
        ["provider", model.provider, "models", name, "limit", "context"],
        model.contextTokens,
      );
    }
  });

  it.each([
    ["auto", '{"*":"allow","question":"allow"}'],
    ["ask", '{"*":"allow","question":"allow","bash":"ask","edit":"ask","webfetch":"ask"}'],
    ["plan", '{"*":"allow","question":"allow","bash":"ask","edit":"deny"}'],
  ] as const)("permits in the mode %s what it says, in an order where the later wins", (permissionMode, permission) => {
    const service = createModelService({ endpoints: endpointsOf({}) });
    const config = service.opencodeConfig({ llmRelayPort: 4097, permissionMode });
    expect(JSON.stringify(config["permission"])).toBe(permission);
  });
});
