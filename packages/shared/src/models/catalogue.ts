import { z } from "zod";
import { ModelId } from "../sessions/session.ts";

/** The providers that are always there; endpoints that the user added are beside them. */
export const ProviderId = z.enum(["anthropic", "openai", "demo"]);
export type ProviderId = z.infer<typeof ProviderId>;

/** The first part of a model's id: a built-in provider or an endpoint that the user added. */
export const ProviderSlug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be a provider's id");
export type ProviderSlug = z.infer<typeof ProviderSlug>;

const prices = {
  inputUsd: z.number(),
  outputUsd: z.number(),
  cacheReadUsd: z.number(),
  cacheWriteUsd: z.number(),
};

/** US dollars per million tokens. */
export const Pricing = z.object({
  ...prices,
  /** What a request costs instead when its whole input (cached tokens included) is larger than `overTokens`. */
  longContext: z.object({ overTokens: z.int().positive(), ...prices }).optional(),
});
export type Pricing = z.infer<typeof Pricing>;

export const CatalogueModel = z.object({
  id: ModelId,
  name: z.string(),
  provider: ProviderSlug,
  /** Reasoning efforts the model takes, weakest first; empty where it takes none. */
  efforts: z.array(z.string()),
  contextTokens: z.int(),
  outputTokens: z.int(),
  pricing: Pricing.nullable(),
  /** A scripted stand-in, not a language model; the UI says so. */
  scripted: z.boolean(),
});
export type CatalogueModel = z.infer<typeof CatalogueModel>;

/** A model as the API lists it: whether it can be used now and, if not, what to do. */
export const OfferedModel = CatalogueModel.extend({
  available: z.boolean(),
  reason: z.string().optional(),
  /** What the user called the endpoint that they added. */
  providerName: z.string().optional(),
});
export type OfferedModel = z.infer<typeof OfferedModel>;

export const DEMO_MODEL_ID = "demo/scripted";

/** Splits `provider/model` at the first slash. */
export function splitModelId(id: string): { provider: string; model: string } {
  const slash = id.indexOf("/");
  return { provider: id.slice(0, slash), model: id.slice(slash + 1) };
}
