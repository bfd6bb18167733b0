import { type Dispatcher, request } from "undici";
import { z } from "zod";
import type { ListedModel } from "./listed-models.ts";
import type { KeyedProvider } from "./keyed-providers.ts";
import { authHeaders, type Upstream } from "./provider-upstreams.ts";

const ListAnswer = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      display_name: z.string().optional(),
      max_input_tokens: z.int().positive().nullish(),
      max_tokens: z.int().positive().nullish(),
    }),
  ),
});

/** Reads `GET /v1/models` of a provider. Throws when there is no key, on another status than 200 and on another shape. */
export function createModelListClient(deps: {
  upstreams: Record<KeyedProvider, Upstream>;
  dispatcher?: Dispatcher | undefined;
}): (provider: KeyedProvider) => Promise<ListedModel[]> {
  return async (provider) => {
    const { baseUrl, key, keyVariable } = deps.upstreams[provider];
    if (!key) throw new Error(`${keyVariable} is not set`);
    const isAnthropic = provider === "anthropic";
    const query = isAnthropic ? "?limit=1000" : "";
    const answer = await request(`${baseUrl}/v1/models${query}`, {
      ...(deps.dispatcher && { dispatcher: deps.dispatcher }),
      headers: {
        ...authHeaders(provider, key),
        ...(isAnthropic && { "anthropic-version": "2023-06-01" }),
        accept: "application/json",
      },
      headersTimeout: 15_000,
      bodyTimeout: 15_000,
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new Error(`${baseUrl} answered ${answer.statusCode}`);
    }
    return ListAnswer.parse(await answer.body.json()).data.map((model) => ({
      id: model.id,
      name: model.display_name,
      contextTokens: model.max_input_tokens ?? undefined,
      outputTokens: model.max_tokens ?? undefined,
    }));
  };
}
