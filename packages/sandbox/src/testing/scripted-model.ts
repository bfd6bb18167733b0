import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { createAnthropicEncoder, readAnthropicRequest } from "./anthropic-wire.ts";
import { createOpenAIEncoder, readOpenAIRequest } from "./openai-wire.ts";
import { createChatEncoder, readChatRequest } from "./openai-chat-wire.ts";
import type { Script, ScriptStep, ScriptedRequest } from "./script-step.ts";
import type { WireEncoder, WireEvent } from "./wire-encoder.ts";

const WIRES = [
  { name: "anthropic", end: "/messages", read: readAnthropicRequest, encode: createAnthropicEncoder },
  { name: "openai", end: "/responses", read: readOpenAIRequest, encode: createOpenAIEncoder },
  { name: "openai-chat", end: "/chat/completions", read: readChatRequest, encode: createChatEncoder },
] as const;

const AnyBody = z.looseObject({ model: z.string().default("") });

export interface ScriptedModel {
  url: string;
  /** Every request so far, oldest first. */
  requests: ScriptedRequest[];
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

function send(response: ServerResponse, events: WireEvent | WireEvent[]): void {
  for (const event of [events].flat()) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

async function playStep(response: ServerResponse, encoder: WireEncoder, step: ScriptStep): Promise<boolean> {
  if ("wait" in step) await step.wait;
  else if ("reset" in step) {
    response.socket?.resetAndDestroy();
    return false;
  } else if ("thinking" in step) send(response, encoder.thinking(step.thinking));
  else if ("tool" in step) send(response, encoder.tool(step.tool, step.input));
  return !response.destroyed;
}

/** Plays a script as one streamed answer. A `text` block stays open across `wait` and `reset`, until other content. */
async function play(response: ServerResponse, encoder: WireEncoder, steps: readonly ScriptStep[]): Promise<void> {
  const first = steps[0];
  if (first && "status" in first) {
    response.writeHead(first.status, { "content-type": "application/json", ...first.headers });
    response.end(JSON.stringify(encoder.errorBody(first.status, first.message)));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  send(response, encoder.start());
  let textOpen = false;
  for (const step of steps) {
    if ("text" in step) {
      if (!textOpen) send(response, encoder.openText());
      textOpen = true;
      for (const chunk of [step.text].flat()) send(response, encoder.textDelta(chunk));
      continue;
    }
    if (textOpen && ("thinking" in step || "tool" in step)) {
      send(response, encoder.closeText());
      textOpen = false;
    }
    if (!(await playStep(response, encoder, step))) return;
  }
  if (textOpen) send(response, encoder.closeText());
  send(response, encoder.end());
  response.end();
}

/**
 * A model that says what a script tells it to, over HTTP: in the format of Anthropic's Messages (`…/messages`), and of
 * OpenAI's Responses (`…/responses`) and Chat Completions (`…/chat/completions`).
 */
export async function startScriptedModel(script: Script): Promise<ScriptedModel> {
  const requests: ScriptedRequest[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const wire = WIRES.find(({ end }) => path.endsWith(end));
    if (!wire) {
      response.writeHead(404, { "content-type": "application/json" }).end(`{"error":{"message":"no such route"}}`);
      return;
    }
    const body = AnyBody.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const read = wire.read(body);
    const asked: ScriptedRequest = {
      wire: wire.name,
      path,
      headers: request.headers,
      body,
      index: requests.length,
      ...read,
    };
    requests.push(asked);
    await play(response, wire.encode(body.model), script(asked));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    handle,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
