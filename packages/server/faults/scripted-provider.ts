import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { Random } from "./random.ts";

/** What the provider does to a call. */
export type ProviderFault =
  | "500"
  | "429"
  | "529"
  | "half, then reset"
  | "half, then a clean end"
  | "silence"
  | "garbage";

export type ScriptedProvider = Awaited<ReturnType<typeof startScriptedProvider>>;

const STREAM = { "content-type": "text/event-stream" };
const SILENCE_MS = 1500;

/** A model provider that does the next of `faults` to each call, and answers well once there is none left. */
export async function startScriptedProvider(random: Random) {
  const faults: ProviderFault[] = [];
  /** What whole answers said. */
  const said: string[] = [];
  let calls = 0;

  const event = (response: ServerResponse, type: string, rest: object = {}): void =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const speak = (response: ServerResponse, text: string): void =>
    event(response, "content_block_delta", { index: 0, delta: { type: "text_delta", text } });
  const begin = (response: ServerResponse): void => {
    response.writeHead(200, STREAM);
    event(response, "message_start", { message: { id: "msg", usage: { input_tokens: 3, output_tokens: 1 } } });
    event(response, "content_block_start", { index: 0, content_block: { type: "text", text: "" } });
  };

  function answerWell(response: ServerResponse): void {
    const text = random.words(120);
    said.push(text);
    begin(response);
    for (const piece of text.match(/.{1,20}/g) ?? []) speak(response, piece);
    event(response, "content_block_stop", { index: 0 });
    event(response, "message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 30 } });
    event(response, "message_stop");
    response.end();
  }

  function fail(response: ServerResponse, fault: ProviderFault): void {
    switch (fault) {
      case "500":
      case "529":
      case "429": {
        const headers = { "content-type": "application/json", ...(fault === "429" ? { "retry-after": "1" } : {}) };
        response.writeHead(Number(fault), headers).end(JSON.stringify({ type: "error", error: { message: fault } }));
        return;
      }
      case "half, then reset":
      case "half, then a clean end":
        begin(response);
        speak(response, "half of what");
        if (fault === "half, then a clean end") response.end();
        else setTimeout(() => response.socket?.resetAndDestroy(), 50);
        return;
      case "silence":
        setTimeout(() => response.destroy(), SILENCE_MS);
        return;
      case "garbage":
        response.writeHead(200, STREAM).end(Buffer.from([0, 255, 10, 123, 34, 254, 10, 10, 0]));
    }
  }

  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== "POST") return void response.writeHead(404).end();
    calls += 1;
    const fault = faults.shift();
    if (fault === undefined) answerWell(response);
    else fail(response, fault);
    return undefined;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  return {
    faults,
    said,
    calls: () => calls,
    /** Settings that make a server use it. */
    env: { ANTHROPIC_API_KEY: "sk-ant-faults", ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` },
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
