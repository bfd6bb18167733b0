import { DEMO_MODEL_ID, splitModelId } from "@background-agents/shared/models/catalogue";
import type { Clock } from "../lib/clock.ts";
import { MessagesRequest, readConversation, type DemoConversation } from "./demo/demo-conversation.ts";
import { type DemoDirective, readDirectives } from "./demo/demo-directives.ts";
import { decideReply, type DemoReply } from "./demo/demo-script.ts";
import { buildState } from "./demo/demo-state.ts";
import { estimateTokens, streamReply, wholeReply } from "./demo/demo-stream.ts";
import { shortened } from "./demo/demo-words.ts";
import type { GatewayCall } from "./gateway/gateway-path.ts";
import type { GatewayRefusal } from "./gateway/provider-error.ts";
import type { ProviderReply } from "./gateway/provider-reply.ts";

export interface DemoRequest {
  call: GatewayCall;
  /** The request's body, parsed. */
  body: unknown;
  sessionId: string;
  signal: AbortSignal;
}

export interface DemoModel {
  reply(request: DemoRequest): ProviderReply | { refusal: GatewayRefusal; headers?: Record<string, string> };
}

/** How OpenCode begins when it wants a title. */
const TITLE_REQUEST = /^Generate a title for this conversation:\s*/i;

const REMEMBERED = 1000;

/**
 * A scripted model that speaks Anthropic's Messages API: it drives the real agent through a small real task, without
 * key or network. Directives that happen once a prompt (see demo-directives.ts) are the only thing it remembers.
 */
export function createDemoModel(deps: { paceMs: number; clock: Clock }): DemoModel {
  const happened = new Set<string>();

  /** True the first time only, for each session, turn and directive. */
  const once = (key: string): boolean => {
    if (happened.has(key)) return false;
    if (happened.size >= REMEMBERED) happened.clear();
    happened.add(key);
    return true;
  };

  const refusalFor = (conversation: DemoConversation, isFirst: (directive: DemoDirective) => boolean) => {
    const { directives } = readDirectives(conversation.prompts.at(-1) ?? "");
    if (directives.has("fail")) {
      const message = "The scripted model refuses this prompt, because its directive [demo:fail] asks for that.";
      return { refusal: { status: 400, type: "invalid_request_error", message } as const };
    }
    if (directives.has("ratelimit") && isFirst("ratelimit")) {
      const message = "The scripted model is rate limited for 2 seconds ([demo:ratelimit]).";
      return { refusal: { status: 429, type: "rate_limit_error", message } as const, headers: { "retry-after": "2" } };
    }
    return undefined;
  };

  const reply: DemoModel["reply"] = ({ call, body, sessionId, signal }) => {
    if (call === "models") return json({ data: [{ id: modelName(), type: "model" }], has_more: false });
    const inputTokens = estimateTokens(JSON.stringify(body));
    if (call === "count-tokens") return json({ input_tokens: inputTokens });
    const request = MessagesRequest.safeParse(body);
    if (!request.success) {
      return {
        refusal: { status: 400, type: "invalid_request_error", message: "The messages are not of the expected shape." },
      };
    }
    const conversation = readConversation(request.data);
    const forAgent = conversation.tools.size > 0;
    const turn = `${sessionId} ${conversation.prompts.length}`;
    const refused = forAgent && refusalFor(conversation, (directive) => once(`${turn} ${directive}`));
    if (refused) return refused;

    const state = buildState(conversation, deps.clock.now().toISOString().slice(0, 10));
    const answer = forAgent ? decideReply(state) : withoutTools(conversation);
    const options = { model: request.data.model, inputTokens };
    if (request.data.stream !== true) return json(wholeReply(answer, options));
    const { directives } = state.prompt;
    const cut = forAgent && directives.has("cut") && once(`${turn} cut`);
    const paceMs = directives.has("slow") ? deps.paceMs * 5 : deps.paceMs;
    return {
      status: 200,
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
      body: streamReply(answer, { ...options, paceMs, cut, signal }),
    };
  };
  return { reply };
}

/** Titles and summaries of a conversation are asked for without tools. */
function withoutTools({ prompts }: DemoConversation): DemoReply {
  const words = prompts.map((prompt) => readDirectives(prompt.replace(TITLE_REQUEST, "")).text);
  if (prompts.some((prompt) => TITLE_REQUEST.test(prompt)))
    return { text: shortened(words.at(-1) ?? "", 50), calls: [] };
  const list = words.slice(0, -1).map((each) => `- ${shortened(each, 120)}`);
  return {
    text: `Summary by the scripted demo model. The prompts so far:\n\n${list.join("\n") || "- none"}`,
    calls: [],
  };
}

function json(value: unknown): ProviderReply {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: onePiece(Buffer.from(JSON.stringify(value))),
  };
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function modelName(): string {
  return splitModelId(DEMO_MODEL_ID).model;
}
