import { createInterface } from "node:readline";
import { z } from "zod";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";

const DieEvent = z.object({ Actor: z.object({ ID: z.string() }) });
const RETRY_MS = 2000;

/** Follows the engine's event stream and opens it again when it breaks; what is missed meanwhile the reconciler finds. */
export function watchContainerEnds(deps: {
  open: () => Promise<NodeJS.ReadableStream>;
  onEnd: (containerId: string) => void;
  log: Log;
}): () => void {
  let closed = false;
  let current: NodeJS.ReadableStream | undefined;
  let timer: NodeJS.Timeout | undefined;

  const again = (): void => {
    if (!closed) timer = setTimeout(() => void follow(), RETRY_MS);
  };

  async function follow(): Promise<void> {
    try {
      const stream = await deps.open();
      if (closed) return destroy(stream);
      current = stream;
      stream.on("error", () => undefined);
      for await (const line of createInterface({ input: stream })) {
        const event = DieEvent.safeParse(JSON.parse(line));
        if (event.success) deps.onEnd(event.data.Actor.ID);
      }
    } catch (error) {
      deps.log.debug({ error: messageOf(error) }, "the engine's event stream broke");
    }
    again();
  }

  void follow();
  return () => {
    closed = true;
    clearTimeout(timer);
    if (current) destroy(current);
  };
}

function destroy(stream: NodeJS.ReadableStream): void {
  if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
}
