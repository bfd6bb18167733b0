import type { EndpointTestAnswer } from "@background-agents/shared/protocol/guard-commands";
import { type Dispatcher, request } from "undici";
import { z } from "zod";
import { messageOf } from "../../lib/app-error.ts";
import { askModelList } from "../model-list-client.ts";
import { authHeaders, type FindUpstream, type Upstream } from "../provider-upstreams.ts";

export type EndpointTest = (id: string) => Promise<EndpointTestAnswer>;

const TIMEOUT_MS = 20_000;
/** Answers of servers that offer no list of their models: worth a small call to a model. */
const NO_LIST = new Set([404, 405, 501]);

const TLS_CODE = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_SSL|EPROTO)/;

const Coded = z.object({ code: z.string() });

/** Asks an endpoint for its models; one that has no list, for a word of its first model. Never throws. */
export function createEndpointTest(deps: {
  findUpstream: FindUpstream;
  /** The models that are set up for it, as it calls them. */
  listModels: (id: string) => string[];
  dispatcherFor?: ((apiUrl: string) => Dispatcher | undefined) | undefined;
}): EndpointTest {
  return async (id) => {
    const upstream = deps.findUpstream(id);
    if (!upstream) return failed(`There is no endpoint ${id}.`);
    if (upstream.problem !== undefined) return failed(`There is no key to test with. ${upstream.problem}.`);
    const dispatcher = deps.dispatcherFor?.(upstream.apiUrl);
    const wanted = deps.listModels(id);
    try {
      const { status, models } = await askModelList(upstream, dispatcher);
      if (models) return listed(models.map((model) => model.id).slice(0, 1000), wanted);
      const [model] = wanted;
      if (!NO_LIST.has(status)) return failed(statusWords(status, upstream));
      if (model === undefined) {
        return failed(`${statusWords(status, upstream)} It may have no list of models: add one and test again.`);
      }
      return await saysAWord(upstream, model, dispatcher);
    } catch (error) {
      return failed(errorWords(error, upstream));
    }
  };
}

/** One token, no more. */
async function saysAWord(
  upstream: Upstream,
  model: string,
  dispatcher: Dispatcher | undefined,
): Promise<EndpointTestAnswer> {
  const messages = [{ role: "user", content: "Say yes." }];
  const calls = {
    anthropic: { path: "/messages", body: { model, max_tokens: 1, messages } },
    "openai-chat": { path: "/chat/completions", body: { model, max_tokens: 1, messages } },
    "openai-responses": { path: "/responses", body: { model, max_output_tokens: 16, input: messages } },
  };
  const { path, body } = calls[upstream.wire];
  const answer = await request(upstream.apiUrl + path, {
    ...(dispatcher && { dispatcher }),
    method: "POST",
    headers: {
      ...authHeaders(upstream),
      ...(upstream.wire === "anthropic" && { "anthropic-version": "2023-06-01" }),
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) return failed(statusWords(answer.statusCode, upstream));
  return { ok: true, message: `It works: ${model} answered. It has no list of its models.`, models: [] };
}

function listed(models: string[], wanted: readonly string[]): EndpointTestAnswer {
  const missing = wanted.filter((model) => !models.includes(model));
  const count = `${models.length} ${models.length === 1 ? "model" : "models"}`;
  const but = missing.length > 0 ? ` Not in its list: ${missing.join(", ")}.` : "";
  return { ok: true, message: `It works: it offers ${count}.${but}`, models };
}

function statusWords(status: number, { apiUrl, key }: Upstream): string {
  if (status === 401 || status === 403) {
    const what = key === undefined ? "wants a key: set one" : "does not take the key: check it, or set a new one";
    return `${apiUrl} ${what} (${status}).`;
  }
  if (status === 404) return `${apiUrl} answers, but has nothing there (404): check the path of the address.`;
  if (status === 429) return `${apiUrl} takes no more calls for now (429): its limit, or your credit, is used up.`;
  if (status >= 300 && status < 400) {
    return `${apiUrl} answers with a redirect (${status}), which is not followed with a key: set its final address.`;
  }
  if (status >= 500) return `${apiUrl} has trouble of its own (${status}): try again later.`;
  return `${apiUrl} answered ${status}.`;
}

function errorWords(error: unknown, { apiUrl }: Upstream): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = Coded.safeParse(inner).data?.code ?? "";
  if (error instanceof SyntaxError || error instanceof z.ZodError) {
    return `${apiUrl} answers, but not as a model provider does: check the address.`;
  }
  if (code === "ECONNREFUSED") return `Nothing listens at ${apiUrl}: start the server, or check the port.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The host of ${apiUrl} was not found: check its name.`;
  if (code.includes("TIMEOUT")) return `${apiUrl} did not answer in time: check the address and your network.`;
  if (TLS_CODE.test(code)) {
    return `${apiUrl} has no certificate that is trusted here (${code}): set EXTRA_CA_CERTS, or check http and https.`;
  }
  return `${apiUrl} cannot be reached: ${messageOf(inner) || "no reason given"}.`;
}

function failed(message: string): EndpointTestAnswer {
  return { ok: false, message, models: [] };
}
