import { type Dispatcher, request } from "undici";
import { z } from "zod";
import type { ListedModel } from "./listed-models.ts";
import { authHeaders, type FindUpstream, type Upstream } from "./provider-upstreams.ts";

const ListAnswer = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      display_name: z.string().nullish(),
      max_input_tokens: z.int().positive().nullish(),
      max_tokens: z.int().positive().nullish(),
    }),
  ),
});

const TIMEOUT_MS = 15_000;

/**
 * Reads the provider's list of models. `models` is undefined on another status than 200; redirects are not followed.
 * Throws where it cannot be reached or the answer has another shape.
 */
export async function askModelList(
  upstream: Upstream,
  dispatcher?: Dispatcher,
): Promise<{ status: number; models: ListedModel[] | undefined }> {
  const isAnthropic = upstream.wire === "anthropic";
  const answer = await request(`${upstream.apiUrl}/models${isAnthropic ? "?limit=1000" : ""}`, {
    ...(dispatcher && { dispatcher }),
    headers: {
      ...authHeaders(upstream),
      ...(isAnthropic && { "anthropic-version": "2023-06-01" }),
      accept: "application/json",
    },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    return { status: answer.statusCode, models: undefined };
  }
  const models = ListAnswer.parse(await answer.body.json()).data.map((model) => ({
    id: model.id,
    name: model.display_name ?? undefined,
    contextTokens: model.max_input_tokens ?? undefined,
    outputTokens: model.max_tokens ?? undefined,
  }));
  return { status: 200, models };
}

/** The same by the provider's id. Throws when it cannot be asked, and on another status than 200. */
export function createModelListClient(deps: {
  findUpstream: FindUpstream;
  dispatcherFor?: ((apiUrl: string) => Dispatcher | undefined) | undefined;
}): (provider: string) => Promise<ListedModel[]> {
  return async (provider) => {
    const upstream = deps.findUpstream(provider);
    if (!upstream || upstream.problem !== undefined) throw new Error(upstream?.problem ?? `there is no ${provider}`);
    const { status, models } = await askModelList(upstream, deps.dispatcherFor?.(upstream.apiUrl));
    if (!models) throw new Error(`${upstream.apiUrl} answered ${status}`);
    return models;
  };
}
