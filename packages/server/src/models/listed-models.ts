import { type CatalogueModel, splitModelId } from "@background-agents/shared/models/catalogue";
import type { KeyedProvider } from "./keyed-providers.ts";

/** A model as a provider's own list names it; sizes only where the provider tells them. */
export interface ListedModel {
  id: string;
  name?: string | undefined;
  contextTokens?: number | undefined;
  outputTokens?: number | undefined;
}

/** Sizes assumed of a model that the provider lists without any: small enough to be safe with each current one. */
const ASSUMED: Record<KeyedProvider, { contextTokens: number; outputTokens: number }> = {
  anthropic: { contextTokens: 200_000, outputTokens: 32_000 },
  openai: { contextTokens: 272_000, outputTokens: 32_000 },
};

/** Text models that can drive an agent: the lists also name speech, image, search and embedding models. */
const USABLE: Record<KeyedProvider, RegExp> = {
  anthropic: /^claude-[a-z0-9.-]+$/,
  openai: /^gpt-\d+(\.\d+)?(-[a-z]+)?$/,
};
const NOT_FOR_AGENTS = /(audio|realtime|image|tts|transcribe|search|embedding|instruct|chat|turbo|preview|oss)/;

/** A dated snapshot of a model, e.g. `claude-haiku-4-5-20251001` or `gpt-5.4-2026-03-05`. */
const SNAPSHOT = /-(\d{8}|\d{4}-\d{2}-\d{2})$/;

/** Which of the listed models to add to the catalogue. Prices and efforts are unknown, so there are none. */
export function listedToCatalogue(
  provider: KeyedProvider,
  listed: readonly ListedModel[],
  catalogue: readonly CatalogueModel[],
): CatalogueModel[] {
  const known = new Set(catalogue.map((model) => model.id));
  const added: CatalogueModel[] = [];
  for (const model of listed) {
    const id = `${provider}/${model.id}`;
    const usable = USABLE[provider].test(model.id) && !NOT_FOR_AGENTS.test(model.id) && !SNAPSHOT.test(model.id);
    if (!usable || known.has(id)) continue;
    known.add(id);
    added.push({
      id,
      name: model.name ?? splitModelId(id).model,
      provider,
      efforts: [],
      contextTokens: model.contextTokens ?? ASSUMED[provider].contextTokens,
      outputTokens: model.outputTokens ?? ASSUMED[provider].outputTokens,
      pricing: null,
      scripted: false,
    });
  }
  return added;
}
