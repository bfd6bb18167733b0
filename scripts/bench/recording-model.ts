import { once } from "node:events";
import { createServer } from "node:http";
import { startScriptedModel } from "../../packages/sandbox/src/testing/scripted-model.ts";
import type { Bridge } from "./find-bridge.ts";

export interface RecordingModel {
  /** Address on loopback. */
  url: string;
  /** Address for containers on the engine's default network. */
  containerUrl: string;
  /**
   * Milliseconds since the epoch of the first request whose prompt contains the marker. Rejects where none comes
   * within `limitMs`.
   */
  firstRequest(marker: string, limitMs: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * A model in Anthropic's wire format that answers a few words and notes when it was asked. Containers
 * reach it over the bridge.
 */
export async function startRecordingModel(bridge: Bridge): Promise<RecordingModel> {
  const waiting = new Map<string, (atMs: number) => void>();
  const model = await startScriptedModel(({ userText }) => {
    const atMs = Date.now();
    for (const [marker, resolve] of waiting) if (userText.includes(marker)) resolve(atMs);
    return [{ text: "There is nothing to do." }];
  });
  const outer = createServer((request, response) => {
    model.handle(request, response).catch(() => response.destroy());
  });
  outer.listen(0, bridge.listenHost);
  await once(outer, "listening");
  const address = outer.address();
  if (address === null || typeof address === "string") throw new Error("A listening server has no port.");

  return {
    url: model.url,
    containerUrl: `http://${bridge.name}:${address.port}`,
    async firstRequest(marker, limitMs) {
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise<number>((resolve, reject) => {
          waiting.set(marker, resolve);
          timer = setTimeout(() => reject(new Error(`No model request came within ${limitMs / 1000} s.`)), limitMs);
        });
      } finally {
        clearTimeout(timer);
        waiting.delete(marker);
      }
    },
    async close() {
      outer.closeAllConnections();
      await Promise.all([model.close(), new Promise((resolve) => outer.close(resolve))]);
    },
  };
}
