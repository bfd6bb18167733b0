import { type Endpoint, EndpointModel, type EndpointWire } from "@background-agents/shared/models/endpoint";
import { PutEndpointBody } from "@background-agents/shared/protocol/guard-commands";
import { readAmount } from "../../../lib/budget-draft.ts";

/** A model of an endpoint while it is being written. */
export interface ModelDraft {
  id: string;
  contextTokens: string;
  inputUsd: string;
  outputUsd: string;
  /** What is not shown and stays as it is. */
  rest: EndpointModel | null;
}

export interface EndpointDraft {
  name: string;
  wire: EndpointWire;
  /** Of a built-in one only what was set here. */
  baseUrl: string;
  key: string;
  models: ModelDraft[];
}

export const NO_MODEL: ModelDraft = { id: "", contextTokens: "128k", inputUsd: "", outputUsd: "", rest: null };

export function draftEndpoint(endpoint: Endpoint | null): EndpointDraft {
  if (!endpoint) return { name: "", wire: "openai-chat", baseUrl: "", key: "", models: [NO_MODEL] };
  const { name, wire, baseUrl, baseUrlSource, builtIn, models } = endpoint;
  return {
    name,
    wire,
    baseUrl: builtIn && baseUrlSource !== "global" ? "" : baseUrl,
    key: "",
    models: models.map((model) => ({
      id: model.id,
      contextTokens: model.contextTokens % 1000 === 0 ? `${model.contextTokens / 1000}k` : String(model.contextTokens),
      inputUsd: model.pricing?.inputUsd.toString() ?? "",
      outputUsd: model.pricing?.outputUsd.toString() ?? "",
      rest: model,
    })),
  };
}

/** An id made of a name: `On this machine` → `on-this-machine`. */
export function idOf(name: string): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return words.replaceAll(/^-+|-+$/g, "").slice(0, 40);
}

/** Pure: what to send, or what is wrong with it. */
export function readEndpoint(
  draft: EndpointDraft,
  { endpoint, taken }: { endpoint: Endpoint | null; taken: readonly string[] },
): { id: string; body: PutEndpointBody } | { problem: string } {
  const id = endpoint?.id ?? idOf(draft.name);
  const baseUrl = draft.baseUrl.trim();
  const key = draft.key.trim();
  if (id === "") return { problem: "Give it a name with letters or digits." };
  if (!endpoint && taken.includes(id)) return { problem: `There is an endpoint ${id} already: give it another name.` };
  if (baseUrl !== "" && !/^https?:\/\//.test(baseUrl))
    return { problem: "The address begins with http:// or https://." };
  const withKey = key === "" ? {} : { key };
  if (endpoint?.builtIn) return check(id, { ...withKey, baseUrl: baseUrl === "" ? null : baseUrl });
  if (baseUrl === "") return { problem: "Write its address." };
  const models = draft.models.flatMap((model) => (model.id.trim() === "" ? [] : [readModel(model)]));
  const wrong = models.find((model) => typeof model === "string");
  if (typeof wrong === "string") return { problem: wrong };
  if (models.length === 0) return { problem: "Name at least one model." };
  const read = models.filter((model) => typeof model !== "string");
  return check(id, { ...withKey, name: draft.name.trim(), wire: draft.wire, baseUrl, models: read });
}

function check(id: string, body: unknown): { id: string; body: PutEndpointBody } | { problem: string } {
  const parsed = PutEndpointBody.safeParse(body);
  if (parsed.success) return { id, body: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.path[0] === "baseUrl")
    return { problem: "This is not an address that can be reached: write it with its host." };
  return { problem: `${issue?.path.join(" ") ?? ""}: ${issue?.message ?? "cannot be used"}` };
}

/** A text where something is wrong with it. */
function readModel({ id, contextTokens, inputUsd, outputUsd, rest }: ModelDraft): EndpointModel | string {
  const name = id.trim();
  const context = readAmount(contextTokens);
  if (context === null || context < 1) return `${name}: how many tokens of context has it?`;
  const prices = [inputUsd, outputUsd].map((text) => (text.trim() === "" ? undefined : readAmount(text)));
  const [input, output] = prices;
  if (prices.includes(null) || (input === undefined) !== (output === undefined)) {
    return `${name}: write both prices, in dollars per million tokens, or none.`;
  }
  const former = rest?.pricing ?? { cacheReadUsd: input ?? 0, cacheWriteUsd: input ?? 0 };
  const pricing =
    typeof input === "number" && typeof output === "number" ? { ...former, inputUsd: input, outputUsd: output } : null;
  const { outputTokens = 16_384, name: title } = rest ?? {};
  const model = { id: name, contextTokens: context, outputTokens, pricing, ...(title ? { name: title } : {}) };
  const parsed = EndpointModel.safeParse(model);
  return parsed.success ? parsed.data : `${name}: ${parsed.error.issues[0]?.message ?? "cannot be used"}`;
}
