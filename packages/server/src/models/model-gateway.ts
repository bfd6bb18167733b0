import type { IncomingMessage, ServerResponse } from "node:http";
import type { CatalogueModel, ProviderId } from "@background-agents/shared/models/catalogue";
import type { SessionId } from "@background-agents/shared/ids";
import type { ModelId } from "@background-agents/shared/sessions/session";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import type { DemoModel } from "./demo-model.ts";
import { parseGatewayPath, type GatewayTarget } from "./gateway/gateway-path.ts";
import type { ProviderClient } from "./gateway/provider-client.ts";
import { providerErrorBody, type GatewayRefusal } from "./gateway/provider-error.ts";
import type { ProviderReply } from "./gateway/provider-reply.ts";
import { readRequestBody, REQUEST_BODY_LIMIT_BYTES } from "./gateway/read-request-body.ts";
import { sendReply } from "./gateway/send-reply.ts";
import { costUsd, type TokenCounts } from "./gateway/token-usage.ts";
import { createUsageMeter, type UsageMeter } from "./gateway/usage-meter.ts";
import type { ModelService } from "./model-service.ts";

export interface ModelUsage extends TokenCounts {
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

type Checked = { model: CatalogueModel | undefined; parsed: unknown; body: Buffer | undefined };

/**
 * The one way from a container to a model: fixed calls, fixed addresses, known models, the key added here.
 * `onUsage` gets each call's tokens once, when its answer ended or broke, as far as the provider told them.
 */
export function createModelGateway(deps: {
  models: Pick<ModelService, "find" | "list">;
  providers: ProviderClient;
  demo: DemoModel;
  onUsage: (usage: ModelUsage) => void;
  log: Pick<Log, "warn" | "debug">;
  bodyLimitBytes?: number;
}): ModelGateway {
  const bodyLimitBytes = deps.bodyLimitBytes ?? REQUEST_BODY_LIMIT_BYTES;

  const check = async (
    request: IncomingMessage,
    target: GatewayTarget,
  ): Promise<Checked | { refusal: GatewayRefusal }> => {
    if (target.call === "models") return { model: undefined, parsed: undefined, body: undefined };
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") return refuse(415, "invalid_request_error", "The body must not be compressed.");
    const bytes = await readRequestBody(request, bodyLimitBytes);
    if (bytes === "too-large") {
      return refuse(413, "request_too_large", `The request is larger than ${bodyLimitBytes} bytes.`);
    }
    const parsed = parseObject(bytes);
    if (!parsed) return refuse(400, "invalid_request_error", "The body is not a JSON object.");
    const modelId = `${target.provider}/${String(parsed["model"])}`;
    const model = deps.models.find(modelId);
    if (!model) return refuse(403, "permission_error", unknownModel(modelId));
    // Written anew, so that a repeated `model` field cannot mean one thing here and another at the provider.
    return { model, parsed, body: Buffer.from(JSON.stringify(parsed)) };
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
  }): Promise<ProviderReply | { refusal: GatewayRefusal; headers?: Record<string, string> }> => {
    const { request, target, checked, signal } = options;
    const { provider, path } = target;
    if (provider === "demo")
      return deps.demo.reply({ call: target.call, body: checked.parsed, sessionId: options.sessionId, signal });
    const method = target.call === "models" ? "GET" : "POST";
    return deps.providers.send({ provider, method, path, headers: request.headers, body: checked.body, signal });
  };

  const report = (context: GatewayContext, model: CatalogueModel | undefined, meter: UsageMeter) => {
    const counts = meter.counts();
    if (!model || !counts) return;
    deps.onUsage({ sessionId: context.sessionId, model: model.id, ...counts, costUsd: costUsd(model, counts) });
  };

  const handle: ModelGateway["handle"] = async (request, response, context) => {
    const target = parseGatewayPath(request.method ?? "", context.path);
    if (!target) {
      sendRefusal(response, undefined, notAllowed(request.method, context.path));
      return;
    }
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the agent's connection closed"));
    });
    try {
      const checked = await check(request, target);
      if ("refusal" in checked) return sendRefusal(response, target.provider, checked);
      const reply = await ask({ request, target, checked, sessionId: context.sessionId, signal: gone.signal });
      if ("refusal" in reply) return sendRefusal(response, target.provider, reply);
      const meter = createUsageMeter(target.call, String(reply.headers["content-type"] ?? ""));
      const outcome = await sendReply({ reply, response, meter, signal: gone.signal });
      if (outcome !== "sent")
        deps.log.debug({ sessionId: context.sessionId, outcome }, "a model answer did not arrive whole");
      report(context, checked.model, meter);
    } catch (error) {
      if (!gone.signal.aborted)
        deps.log.warn({ sessionId: context.sessionId, reason: messageOf(error) }, "a model call failed");
      response.destroy();
    }
  };
  return { handle };
}

function refuse(status: number, type: GatewayRefusal["type"], message: string): { refusal: GatewayRefusal } {
  return { refusal: { status, type, message } };
}

function notAllowed(method: string | undefined, path: string): { refusal: GatewayRefusal } {
  const call = `${method ?? ""} ${path.slice(0, 200)}`;
  return refuse(403, "permission_error", `The model gateway does not offer ${call}.`);
}

function sendRefusal(
  response: ServerResponse,
  provider: ProviderId | undefined,
  answer: { refusal: GatewayRefusal; headers?: Record<string, string> },
): void {
  const body = providerErrorBody(provider, answer.refusal);
  // The rest of an unread body must not be taken for the next request.
  const headers = { ...answer.headers, "content-type": "application/json", connection: "close" };
  response.writeHead(answer.refusal.status, headers);
  response.end(body);
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
