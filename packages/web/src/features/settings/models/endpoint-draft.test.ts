import { expect, it } from "vitest";
import { cannedEndpoints } from "../../../testing/canned-guard.ts";
import { draftEndpoint, type EndpointDraft, idOf, NO_MODEL, readEndpoint } from "./endpoint-draft.ts";

const added = (over: Partial<EndpointDraft> = {}): EndpointDraft => ({
  ...draftEndpoint(null),
  name: "Company gateway",
  baseUrl: "https://llm.example.com/v1",
  models: [{ ...NO_MODEL, id: "big-1", inputUsd: "2", outputUsd: "10" }],
  ...over,
});
const isNew = { endpoint: null, taken: ["local"] };
const find = (id: string) => cannedEndpoints().find((endpoint) => endpoint.id === id) ?? null;

it("makes an id of a name", () => {
  expect(["On this machine", "  GPU #2! ", "…"].map(idOf)).toEqual(["on-this-machine", "gpu-2", ""]);
});

it("reads an endpoint with its models, and sends no key where none was written", () => {
  expect(readEndpoint(added(), isNew)).toEqual({
    id: "company-gateway",
    body: {
      name: "Company gateway",
      wire: "openai-chat",
      baseUrl: "https://llm.example.com/v1",
      models: [
        {
          id: "big-1",
          contextTokens: 128_000,
          outputTokens: 16_384,
          pricing: { inputUsd: 2, outputUsd: 10, cacheReadUsd: 2, cacheWriteUsd: 2 },
        },
      ],
    },
  });
});

it.each([
  [{ name: "…" }, /Give it a name/],
  [{ name: "Local" }, /There is an endpoint local already/],
  [{ baseUrl: "llm.example.com" }, /begins with http/],
  [{ baseUrl: "http://" }, /not an address/],
  [{ models: [NO_MODEL] }, /Name at least one model/],
  [{ models: [{ ...NO_MODEL, id: "m", inputUsd: "2" }] }, /write both prices/],
  [{ models: [{ ...NO_MODEL, id: "m", contextTokens: "" }] }, /^m: how many tokens/],
  [{ models: [{ ...NO_MODEL, id: "two words" }] }, /must not contain spaces/],
] as const)("says what is wrong with %o", (over, problem) => {
  expect(
    readEndpoint(
      added({ ...over, ...("models" in over ? { models: [...over.models] } : {}) } as Partial<EndpointDraft>),
      isNew,
    ),
  ).toEqual({
    problem: expect.stringMatching(problem),
  });
});

it("changes of a built-in one only address and key; an empty address is the one it had", () => {
  const endpoint = find("anthropic");
  const draft = { ...draftEndpoint(endpoint), key: " sk-1 " };
  expect(readEndpoint(draft, { endpoint, taken: [] })).toEqual({
    id: "anthropic",
    body: { key: "sk-1", baseUrl: null },
  });
});

it("leaves an endpoint as it is where nothing was changed", () => {
  const endpoint = find("local");
  expect(readEndpoint(draftEndpoint(endpoint), { endpoint, taken: ["local"] })).toEqual({
    id: "local",
    body: {
      name: endpoint?.name,
      wire: endpoint?.wire,
      baseUrl: endpoint?.baseUrl,
      models: endpoint?.models,
    },
  });
});
