import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { CatalogueModel } from "@background-agents/shared/models/catalogue";
import { ModelsAnswer } from "@background-agents/shared/protocol/commands";
import { describe, expect, it } from "vitest";
import { createModelService } from "./model-service.ts";

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
  const withKeys = (keys: { anthropic?: string; openai?: string }) => createModelService({ keys });

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
      expect(model.reason).toBe(model.available ? undefined : "Set ANTHROPIC_API_KEY in .env and restart");
    }
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
      keys: { anthropic: "k", openai: "k" },
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
      keys: { anthropic: "k" },
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
    const service = createModelService({ keys: { anthropic: "sk-ant-CANARY", openai: "sk-CANARY" } });
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
    const service = createModelService({ keys: {} });
    const config = service.opencodeConfig({ llmRelayPort: 4097, permissionMode });
    expect(JSON.stringify(config["permission"])).toBe(permission);
  });
});
