import { type Dispatcher, request } from "undici";
import { messageOf } from "../../lib/app-error.ts";
import type { KeyedProvider } from "../keyed-providers.ts";
import { authHeaders, type Upstream } from "../provider-upstreams.ts";
import { requestHeaders, responseHeaders } from "./gateway-headers.ts";
import type { GatewayRefusal } from "./provider-error.ts";
import type { ProviderReply } from "./provider-reply.ts";
import type { IncomingHttpHeaders } from "node:http";

/** A model may think for long before it says anything. */
const SILENCE_LIMIT_MS = 15 * 60_000;

const ERROR_BODY_LIMIT_BYTES = 1024 * 1024;

export interface ProviderCall {
  provider: KeyedProvider;
  method: "GET" | "POST";
  /** Path and query below the provider's address. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer | undefined;
  signal: AbortSignal;
}

export interface ProviderClient {
  /**
   * Sends the call with the real key. Redirects are not followed: a key goes to the configured address only.
   * Rejects with the signal's reason when aborted; every other failure is an answer.
   */
  send(call: ProviderCall): Promise<ProviderReply | { refusal: GatewayRefusal }>;
}

export function createProviderClient(deps: {
  upstreams: Record<KeyedProvider, Upstream>;
  dispatcher?: Dispatcher | undefined;
}): ProviderClient {
  const send: ProviderClient["send"] = async (call) => {
    const { baseUrl, key, keyVariable } = deps.upstreams[call.provider];
    if (!key) {
      const message = `There is no key for this provider. Set ${keyVariable} in .env and restart.`;
      return { refusal: { status: 401, type: "authentication_error", message } };
    }
    try {
      const answer = await request(baseUrl + call.path, {
        ...(deps.dispatcher && { dispatcher: deps.dispatcher }),
        method: call.method,
        headers: requestHeaders(call.headers, authHeaders(call.provider, key)),
        body: call.body ?? null,
        signal: call.signal,
        headersTimeout: SILENCE_LIMIT_MS,
        bodyTimeout: SILENCE_LIMIT_MS,
      });
      if (answer.statusCode >= 300 && answer.statusCode < 400) {
        await answer.body.dump();
        return { refusal: redirectRefusal(baseUrl, answer.statusCode) };
      }
      const headers = responseHeaders(answer.headers, key);
      if (answer.statusCode < 400) return { status: answer.statusCode, headers, body: answer.body };
      const { "content-length": _length, ...errorHeaders } = headers;
      return { status: answer.statusCode, headers: errorHeaders, body: withoutKey(answer.body, key) };
    } catch (error) {
      if (call.signal.aborted) throw error;
      return {
        refusal: { status: 502, type: "api_error", message: `${baseUrl} cannot be reached: ${reasonOf(error)}` },
      };
    }
  };
  return { send };
}

function redirectRefusal(baseUrl: string, status: number): GatewayRefusal {
  const message = `${baseUrl} answered with a redirect (${status}), which is not followed. Set the provider's base URL to its final address.`;
  return { status: 502, type: "api_error", message };
}

/** Error texts of providers and of gateways before them may quote the key they refused. */
async function* withoutKey(body: AsyncIterable<Uint8Array>, key: string): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= ERROR_BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  yield Buffer.from(Buffer.concat(chunks).toString("utf8").replaceAll(key, "[redacted]"));
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return messageOf(error) || "no reason given";
}
