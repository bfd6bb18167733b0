import { once } from "node:events";
import {
  createServer,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { newId } from "@background-agents/shared/ids";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { createDemoModel } from "../demo-model.ts";
import type { CallLimits } from "../gateway/call-places.ts";
import { createProviderClient } from "../gateway/provider-client.ts";
import type { BodyPatience } from "../gateway/read-request-body.ts";
import { createModelGateway, type ModelUsage } from "../model-gateway.ts";
import { createModelService } from "../model-service.ts";
import { addedUpstream, buildUpstreams, type FindUpstream } from "../provider-upstreams.ts";

export const KEYS = { anthropic: "sk-ant-CANARY-1", openai: "sk-CANARY-2" };

export interface ReceivedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type ProviderScript = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

/** A provider on the loopback that answers as it is told, and a gateway before it. */
export async function startLocalGateway(
  options: {
    script?: ProviderScript;
    keys?: Partial<typeof KEYS>;
    bodyLimitBytes?: number;
    bodyPatience?: BodyPatience;
    callLimits?: Partial<CallLimits>;
    /** Endpoints that the user added; `baseUrl` is a path at the provider. */
    added?: Endpoint[];
    addedKey?: string;
    checkBudget?: () => string | undefined;
    /** Milliseconds since any moment, as the gateway reads them. */
    readElapsed?: () => number;
  } = {},
) {
  const received: ReceivedRequest[] = [];
  const usage: ModelUsage[] = [];
  const counting: (() => void)[] = [];
  const responses: ServerResponse[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    const got = { method, url, headers, body: await textOf(request) };
    received.push(got);
    await options.script?.(response, got);
  };
  const provider = await listen(createServer((request, response) => void serve(request, response)));
  const keys = options.keys ?? KEYS;
  const baseUrl = `http://127.0.0.1:${portOf(provider)}`;
  const builtIn = buildUpstreams({ keys, baseUrls: { anthropic: `${baseUrl}/v1/`, openai: baseUrl } });
  const added = (options.added ?? []).map((endpoint) => ({ ...endpoint, baseUrl: `${baseUrl}${endpoint.baseUrl}` }));
  const findUpstream: FindUpstream = (id) => {
    const own = added.find((endpoint) => endpoint.id === id);
    return own ? addedUpstream(own.wire, { baseUrl: own.baseUrl, key: options.addedKey }) : builtIn(id);
  };
  const models = createModelService({ endpoints: { findUpstream, listAdded: () => added } });
  const gateway = createModelGateway({
    models,
    findUpstream,
    providers: createProviderClient({ findUpstream }),
    ...(options.checkBudget && { checkBudget: options.checkBudget }),
    ...(options.readElapsed && { readElapsed: options.readElapsed }),
    demo: createDemoModel({ paceMs: 0, clock: { now: () => new Date("2026-11-23T12:00:00Z") } }),
    onUsage: (each) => {
      usage.push(each);
      for (const waiting of counting.splice(0)) waiting();
    },
    log: { warn: () => undefined, debug: () => undefined },
    ...(options.bodyLimitBytes !== undefined && { bodyLimitBytes: options.bodyLimitBytes }),
    ...(options.bodyPatience && { bodyPatience: options.bodyPatience }),
    ...(options.callLimits && { callLimits: options.callLimits }),
  });
  const sessionId = newId("session");
  const hub = await listen(
    createServer((request, response) => {
      responses.push(response);
      void gateway.handle(request, response, { sessionId, path: (request.url ?? "").slice("/llm/".length) });
    }),
  );
  return {
    port: portOf(hub),
    provider,
    providerUrl: baseUrl,
    received,
    usage,
    /** Resolves when so many calls were counted. */
    async untilUsed(calls: number): Promise<void> {
      while (usage.length < calls) await new Promise<void>((resolve) => counting.push(resolve));
    },
    /** The gateway's side of each answer. */
    responses,
    sessionId,
    close: () => {
      for (const server of [hub, provider]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

export interface Call {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends a call and resolves with the answer's head; the body is the caller's to read. */
export async function call(port: number, options: Call = {}): Promise<IncomingMessage> {
  const [response] = (await once(ask(port, options), "response")) as [IncomingMessage];
  return response;
}

/** Sends a call and waits for nothing. */
export function ask(port: number, options: Call = {}): ClientRequest {
  const request = open(port, options);
  const body = options.body ?? { model: "claude-sonnet-5", stream: true, messages: [{ role: "user", content: "hi" }] };
  request.end(options.method === "GET" ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  return request;
}

/** Begins a call; its body is the caller's to send. */
export function open(port: number, options: Omit<Call, "body"> = {}): ClientRequest {
  const { path = "anthropic/v1/messages", method = "POST" } = options;
  return httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path: `/llm/${path}`,
    headers: { "content-type": "application/json", ...options.headers },
    agent: false,
  });
}

/** The rest of a message as text. Rejects when its connection breaks before its end. */
export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** One event of an event stream. */
export function sse(data: Record<string, unknown>): string {
  return `event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function listen(server: Server): Promise<Server> {
  // A busy test must not find a kept connection closed in the moment it is used again.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
