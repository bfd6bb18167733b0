import { request, type IncomingMessage } from "node:http";
import { OpenCodeEvent } from "./opencode-events.ts";

export interface EventStreamOrder {
  url: string;
  headers: Record<string, string>;
  onEvent: (event: OpenCodeEvent) => void;
  onEnd: () => void;
}

/** Cuts a stream of server-sent events into the `data` of each. */
export function createSseReader(onData: (data: string) => void) {
  let rest = "";
  return (chunk: string) => {
    rest += chunk;
    let end = rest.indexOf("\n\n");
    while (end >= 0) {
      const lines = rest.slice(0, end).split("\n");
      const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
      if (data.length > 0) onData(data.join("\n"));
      rest = rest.slice(end + 2);
      end = rest.indexOf("\n\n");
    }
  };
}

function parseEvent(data: string): OpenCodeEvent | undefined {
  try {
    return OpenCodeEvent.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

/**
 * Opens OpenCode's event stream; resolves when it flows. `onEnd` is called once when it ends, however it ends. Events
 * that we do not know are dropped.
 */
export async function openEventStream(order: EventStreamOrder): Promise<{ close: () => void }> {
  const { url, headers, onEvent, onEnd } = order;
  const outgoing = request(url, { headers: { ...headers, accept: "text/event-stream" } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve).on("error", reject).end();
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`OpenCode refused its event stream (${response.statusCode})`);
  }
  const read = createSseReader((data) => {
    const event = parseEvent(data);
    if (event) onEvent(event);
  });
  outgoing.on("error", () => undefined);
  response.setEncoding("utf8").on("data", read);
  response.on("error", () => undefined);
  response.once("close", onEnd);
  return { close: () => outgoing.destroy() };
}
