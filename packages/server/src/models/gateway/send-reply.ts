import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { ProviderReply } from "./provider-reply.ts";
import type { UsageMeter } from "./usage-meter.ts";

export type SentOutcome = "sent" | "broken" | "client-gone";

/**
 * Sends a reply as it comes and no faster than the client reads. A reply that breaks, or a stream that stops before
 * its format's end, destroys the client's socket: ended cleanly, the agent would keep the half answer and go on.
 * Returns what happened.
 */
export async function sendReply(options: {
  reply: ProviderReply;
  response: ServerResponse;
  meter: UsageMeter;
  /** Fires when the client is gone. */
  signal: AbortSignal;
}): Promise<SentOutcome> {
  const { reply, response, meter, signal } = options;
  try {
    response.writeHead(reply.status, reply.headers);
    response.flushHeaders();
    for await (const chunk of reply.body) {
      meter.push(chunk);
      if (signal.aborted) return "client-gone";
      if (!response.write(chunk)) await once(response, "drain", { signal });
    }
    meter.end();
    if (reply.status < 300 && !meter.complete()) {
      response.destroy();
      return "broken";
    }
    response.end();
    return "sent";
  } catch {
    const outcome = signal.aborted ? "client-gone" : "broken";
    response.destroy();
    return outcome;
  }
}
