import { Readable } from "node:stream";
import { type Dispatcher, request } from "undici";
import { messageOf } from "../../lib/app-error.ts";
import { authHeaders, type FindUpstream } from "../provider-upstreams.ts";
import { requestHeaders, responseHeaders } from "./gateway-headers.ts";
import type { GatewayRefusal } from "./provider-error.ts";
import type { ProviderReply } from "./provider-reply.ts";
import type { IncomingHttpHeaders } from "node:http";

/** A model may think for long before it says anything. */
const SILENCE_LIMIT_MS = 15 * 60_000;

const ERROR_BODY_LIMIT_BYTES = 1024 * 1024;

export interface ProviderCall {
  provider: string;
  method: "GET" | "POST";
  /** Path and query as the agent gave them: `/v1/messages?beta=true`. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer | undefined;
  signal: AbortSignal;
}

export interface ProviderClient {
  /**
   * Sends the call with the real key. Redirects are not followed: a key goes to the configured address only.
   * Never rejects: every failure, an abort too, is an answer.
   */
  send(call: ProviderCall): Promise<ProviderReply | FailedSend>;
}

export interface FailedSend {
  refusal: GatewayRefusal;
  /** The provider has the question, or a part of it, and may ask money for it. */
  isUnanswered: boolean;
}

export function createProviderClient(deps: {
  findUpstream: FindUpstream;
  dispatcherFor?: ((apiUrl: string) => Dispatcher | undefined) | undefined;
}): ProviderClient {
  const send: ProviderClient["send"] = async (call) => {
    const upstream = deps.findUpstream(call.provider);
    if (!upstream || upstream.problem !== undefined) {
      const why = upstream?.problem ?? `The endpoint ${call.provider} was removed`;
      const message = `This provider cannot be asked: ${why}.`;
      return { refusal: { status: 401, type: "authentication_error", message }, isUnanswered: false };
    }
    const { apiUrl, key } = upstream;
    const sending = { hasBegun: false };
    // Read only once there is a connection to write it to.
    const content = (body: Buffer) =>
      new Readable({
        read() {
          sending.hasBegun = true;
          this.push(body);
          this.push(null);
        },
      });
    const dispatcher = deps.dispatcherFor?.(apiUrl);
    try {
      const answer = await request(apiUrl + call.path.replace(/^\/v1/, ""), {
        ...(dispatcher && { dispatcher }),
        method: call.method,
        headers: {
          ...requestHeaders(call.headers, authHeaders(upstream)),
          ...(call.body && { "content-length": String(call.body.length) }),
        },
        body: call.body ? content(call.body) : null,
        signal: call.signal,
        headersTimeout: SILENCE_LIMIT_MS,
        bodyTimeout: SILENCE_LIMIT_MS,
      });
      if (answer.statusCode >= 300 && answer.statusCode < 400) {
        await answer.body.dump();
        return { refusal: redirectRefusal(apiUrl, answer.statusCode), isUnanswered: false };
      }
      const headers = responseHeaders(answer.headers, key);
      if (answer.statusCode < 400) return { status: answer.statusCode, headers, body: answer.body };
      const { "content-length": _length, ...errorHeaders } = headers;
      return {
        status: answer.statusCode,
        headers: errorHeaders,
        body: key === undefined ? answer.body : withoutKey(answer.body, key),
      };
    } catch (error) {
      const problem = sending.hasBegun ? "did not answer" : "cannot be reached";
      const message = `${apiUrl} ${problem}: ${reasonOf(error)}`;
      return { refusal: { status: 502, type: "api_error", message }, isUnanswered: sending.hasBegun };
    }
  };
  return { send };
}

function redirectRefusal(apiUrl: string, status: number): GatewayRefusal {
  const message = `${apiUrl} answered with a redirect (${status}), which is not followed. Set the provider's base URL to its final address.`;
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
