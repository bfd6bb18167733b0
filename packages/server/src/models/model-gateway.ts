import type { IncomingMessage, ServerResponse } from "node:http";
import type { CatalogueModel } from "@background-agents/shared/models/catalogue";
import type { EndpointWire } from "@background-agents/shared/models/endpoint";
import type { SessionId } from "@background-agents/shared/ids";
import type { ModelId } from "@background-agents/shared/sessions/session";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import type { DemoModel } from "./demo-model.ts";
import { type CallLimits, type CallPlace, createCallPlaces, DEFAULT_CALL_LIMITS } from "./gateway/call-places.ts";
import { type AskedCall, boundsOf, type CallEnd, mostUsage, usageOf } from "./gateway/estimate-usage.ts";
import { parseGatewayPath, type GatewayTarget } from "./gateway/gateway-path.ts";
import { createOpenCalls, type ReservedSums } from "./gateway/open-calls.ts";
import { buildProviderBody } from "./gateway/provider-body.ts";
import type { FailedSend, ProviderClient } from "./gateway/provider-client.ts";
import { providerErrorBody, type GatewayRefusal } from "./gateway/provider-error.ts";
import type { ProviderReply } from "./gateway/provider-reply.ts";
import { parseBody } from "./gateway/parse-body.ts";
import {
  BODY_PATIENCE,
  type BodyPatience,
  readRequestBody,
  REQUEST_BODY_LIMIT_BYTES,
  type Unread,
} from "./gateway/read-request-body.ts";
import { sendReply } from "./gateway/send-reply.ts";
import { costUsd, type TokenCounts } from "./gateway/token-usage.ts";
import { createUsageMeter } from "./gateway/usage-meter.ts";
import type { ModelService } from "./model-service.ts";
import type { FindUpstream } from "./provider-upstreams.ts";

export interface ModelUsage extends Omit<TokenCounts, "hourCacheTokens"> {
  sessionId: SessionId;
  model: ModelId;
  costUsd: number;
}

export interface GatewayContext {
  sessionId: SessionId;
  /** What follows `/llm/`, with the query: `anthropic/v1/messages`. */
  path: string;
}

export interface ModelGateway {
  /** Answers one call of an agent. Never rejects; the caller has checked whose container it is. */
  handle(request: IncomingMessage, response: ServerResponse, context: GatewayContext): Promise<void>;
}

interface Refused {
  refusal: GatewayRefusal;
  headers?: Record<string, string>;
}

/** Of a call in hand only this is kept: what was read of its body would take many times the memory. */
interface Checked {
  model: CatalogueModel | undefined;
  asked: AskedCall;
  body: Buffer | undefined;
}

/**
 * The one way from a container to a model: fixed calls, fixed addresses, known models, the key added here.
 * `onUsage` gets each call's tokens once, when its answer ended or broke: what the provider told, or an estimate.
 */
export function createModelGateway(deps: {
  models: Pick<ModelService, "find" | "list">;
  findUpstream: FindUpstream;
  providers: ProviderClient;
  demo: DemoModel;
  /** Why the session may ask no model now; undefined: it may. Asked before each call. */
  checkBudget?: ((sessionId: SessionId) => string | undefined) | undefined;
  /** Whether there is room for a call beside those under way, by what they may use; without it: always. */
  hasRoom?: ((sessionId: SessionId, reserved: ReservedSums) => boolean) | undefined;
  onUsage: (usage: ModelUsage) => void;
  log: Pick<Log, "warn" | "debug">;
  bodyLimitBytes?: number;
  bodyPatience?: BodyPatience;
  callLimits?: Partial<CallLimits>;
  /** Milliseconds since any moment. */
  readElapsed?: () => number;
}): ModelGateway {
  const bodyLimitBytes = deps.bodyLimitBytes ?? REQUEST_BODY_LIMIT_BYTES;
  const readElapsed = deps.readElapsed ?? (() => performance.now());
  const callLimits = { ...DEFAULT_CALL_LIMITS, ...deps.callLimits };
  const places = createCallPlaces(callLimits);
  const open = createOpenCalls({ hasRoom: deps.hasRoom ?? (() => true) });
  const findWire = (provider: string): EndpointWire | undefined =>
    provider === "demo" ? "anthropic" : deps.findUpstream(provider)?.wire;

  const check = async (
    request: IncomingMessage,
    { call, provider }: GatewayTarget,
    place: CallPlace,
  ): Promise<Checked | Refused> => {
    const none = { call, asked: {}, requestBytes: 0, keepsForAnHour: false };
    if (call === "models")
      return place.take(0) ? { model: undefined, asked: none, body: undefined } : refuseUnread("no-room");
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") return refuse(415, "invalid_request_error", "The body must not be compressed.");
    const limits = { limitBytes: bodyLimitBytes, patience: deps.bodyPatience ?? BODY_PATIENCE };
    const bytes = await readRequestBody(request, { ...limits, takeRoom: place.take });
    if (typeof bytes === "string") return refuseUnread(bytes);
    const parsed = parseBody(bytes);
    if (!parsed) return refuse(400, "invalid_request_error", "The body is not a JSON object, or has too many parts.");
    const modelId = `${provider}/${String(parsed["model"])}`;
    const model = deps.models.find(modelId);
    if (!model) return refuse(403, "permission_error", unknownModel(modelId));
    const asked = buildProviderBody(call, parsed);
    if (typeof asked === "string") return refuse(403, "permission_error", asked);
    // Written anew, so that a repeated `model` field cannot mean one thing here and another at the provider.
    const body = Buffer.from(JSON.stringify(asked));
    if (!place.take(Math.max(0, body.length - bytes.length))) return refuseUnread("no-room");
    return {
      ...{ model, body },
      asked: {
        ...{ call, asked: boundsOf(call, asked), requestBytes: body.length },
        // As it was written anew, so that it stands there in this way or not at all.
        keepsForAnHour: body.includes('"ttl":"1h"'),
      },
    };
  };

  const refuseUnread = (why: Unread): Refused => {
    if (why === "too-large") {
      return refuse(413, "request_too_large", `The request is larger than ${bodyLimitBytes} bytes.`);
    }
    if (why === "too-slow") return refuse(408, "invalid_request_error", "The rest of the request did not come.");
    const { callsAtOnce, sessionBytes } = callLimits;
    const words = `More than ${callsAtOnce} calls of this session at once, or more than ${sessionBytes} bytes of them, are not made.`;
    return { ...refuse(429, "rate_limit_error", words), headers: { "retry-after": "1" } };
  };

  const unknownModel = (modelId: string) =>
    `The model ${modelId} is not in the catalogue. Known: ${deps.models
      .list()
      .map(({ id }) => id)
      .join(", ")}.`;

  const ask = async (options: {
    request: IncomingMessage;
    target: GatewayTarget;
    checked: Checked;
    sessionId: SessionId;
    signal: AbortSignal;
  }): Promise<ProviderReply | FailedSend | Refused> => {
    const { request, target, checked, signal } = options;
    const { provider, path } = target;
    if (provider === "demo") {
      const body: unknown = checked.body && JSON.parse(checked.body.toString("utf8"));
      return deps.demo.reply({ call: target.call, body, sessionId: options.sessionId, signal });
    }
    const method = target.call === "models" ? "GET" : "POST";
    return deps.providers.send({ provider, method, path, headers: request.headers, body: checked.body, signal });
  };

  const report = (
    sessionId: SessionId,
    { model, asked }: { model: CatalogueModel; asked: AskedCall },
    end: CallEnd,
  ) => {
    const used = usageOf(model, asked, end);
    if (!used) return;
    const { hourCacheTokens: _priced, ...counts } = used;
    deps.onUsage({ sessionId, model: model.id, ...counts, costUsd: costUsd(model, used) });
  };

  /** Why this call is not made at all. */
  const refuseByBudget = (sessionId: SessionId): Refused | undefined => {
    const reached = deps.checkBudget?.(sessionId);
    // A status that agents do not try again on.
    return reached === undefined ? undefined : refuse(402, "billing_error", reached);
  };

  /** Asks, sends on what is answered, and reports what it used: also where nothing, or not all, came of it. */
  const pass = async (options: {
    reply: () => ReturnType<typeof ask>;
    response: ServerResponse;
    target: GatewayTarget;
    sessionId: SessionId;
    /** Undefined: the call costs nothing. */
    counted: { model: CatalogueModel; asked: AskedCall } | undefined;
    signal: AbortSignal;
  }): Promise<void> => {
    const { response, target, sessionId, counted, signal } = options;
    const from = readElapsed();
    const note = (end: Omit<CallEnd, "seconds">) => {
      if (counted) report(sessionId, counted, { ...end, seconds: (readElapsed() - from) / 1000 });
    };
    const reply = await options.reply();
    if ("refusal" in reply) {
      if ("isUnanswered" in reply && reply.isUnanswered) {
        // What an agent does not wait for may be under way: hanging up in time must not make it free.
        const outcome = signal.aborted ? "client-gone" : "unanswered";
        note({ outcome, counted: undefined, isOver: false, answerBytes: 0 });
      }
      return sendRefusal(response, target.wire, reply);
    }
    const meter = createUsageMeter(target.call, String(reply.headers["content-type"] ?? ""));
    const outcome = await sendReply({ reply, response, meter, signal });
    if (outcome !== "sent") deps.log.debug({ sessionId, outcome }, "a model answer did not arrive whole");
    if (reply.status < 300 || meter.counts())
      note({ outcome, counted: meter.counts(), isOver: meter.isOver(), answerBytes: meter.bytes() });
  };

  const answer = async (options: {
    request: IncomingMessage;
    response: ServerResponse;
    target: GatewayTarget;
    context: GatewayContext;
    signal: AbortSignal;
  }): Promise<void> => {
    const { request, response, target, context, signal } = options;
    const { sessionId } = context;
    const place = places.enter(sessionId);
    let end = (): void => undefined;
    try {
      const checked = await check(request, target, place);
      if ("refusal" in checked) return sendRefusal(response, target.wire, checked);
      const { model, asked } = checked;
      const refused = model && refuseByBudget(sessionId);
      if (refused) return sendRefusal(response, target.wire, refused);
      const counted = model && target.call !== "count-tokens" ? { model, asked } : undefined;
      if (counted) {
        const call = { sessionId, may: mostUsage(counted.model, asked) };
        const entered = await open.enter(call, () => refuseByBudget(sessionId), signal);
        if ("refused" in entered) return sendRefusal(response, target.wire, entered.refused);
        end = entered.end;
      }
      const reply = () => ask({ request, target, checked, sessionId, signal });
      await pass({ reply, response, target, sessionId, counted, signal });
    } finally {
      end();
      place.leave();
    }
  };

  const handle: ModelGateway["handle"] = async (request, response, context) => {
    const target = parseGatewayPath(request.method ?? "", context.path, findWire);
    if (!target) {
      sendRefusal(response, undefined, notAllowed(request.method, context.path));
      return;
    }
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the agent's connection closed"));
    });
    try {
      await answer({ request, response, target, context, signal: gone.signal });
    } catch (error) {
      if (!gone.signal.aborted)
        deps.log.warn({ sessionId: context.sessionId, reason: messageOf(error) }, "a model call failed");
      response.destroy();
    }
  };
  return { handle };
}

function refuse(status: number, type: GatewayRefusal["type"], message: string): Refused {
  return { refusal: { status, type, message } };
}

function notAllowed(method: string | undefined, path: string): { refusal: GatewayRefusal } {
  const call = `${method ?? ""} ${path.slice(0, 200)}`;
  return refuse(403, "permission_error", `The model gateway does not offer ${call}.`);
}

function sendRefusal(response: ServerResponse, wire: EndpointWire | undefined, answer: Refused): void {
  const body = providerErrorBody(wire, answer.refusal);
  // The rest of an unread body must not be taken for the next request.
  const headers = { ...answer.headers, "content-type": "application/json", connection: "close" };
  response.writeHead(answer.refusal.status, headers);
  response.end(body);
}
