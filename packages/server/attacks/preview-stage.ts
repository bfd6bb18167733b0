import { EventEmitter, once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { newId } from "@background-agents/shared/ids";
import { createPreviewAddresses } from "../src/previews/preview-addresses.ts";
import { createPreviewHub, type PreviewHubDeps } from "../src/previews/preview-hub.ts";
import { buildPreviewPolicy } from "../src/previews/preview-policy.ts";
import { serve } from "./hostile-page.ts";

export type Guards = Partial<Pick<PreviewHubDeps, "isOpen">>;
export type PreviewStage = Awaited<ReturnType<typeof setPreviewStage>>;

/**
 * The real listener of previews with two sessions' applications behind it: the attacker's answers with what it is given,
 * the victim's with `secret`. And a collector elsewhere that remembers what it is asked for.
 */
export async function setPreviewStage(order: { app: RequestListener; secret: string; guards?: Guards }) {
  const attacker = await serve(order.app);
  const victim = await serve((_request, response) => void response.end(order.secret));
  const asked: string[] = [];
  const arrivals = new EventEmitter();
  const collector = await serve((request, response) => {
    asked.push(request.url ?? "");
    arrivals.emit("asked");
    response.setHeader("access-control-allow-origin", "*").end();
  });
  const addresses = createPreviewAddresses();
  const hub = createPreviewHub({
    ...{ port: 0, addresses, isOpen: () => true },
    buildPolicy: (host) => buildPreviewPolicy(host, { webPort: 3000, allowedHosts: [] }),
    tunnels: {
      async open({ port }) {
        const socket = connect(port, "127.0.0.1");
        await once(socket, "connect");
        return { socket };
      },
    },
    ...order.guards,
  });
  const port = await hub.ensureListening();
  const urlOf = (target: number): string => {
    const label = addresses.ensure({ sessionId: newId("session"), port: target });
    return `http://${label}.localhost:${port}/`;
  };
  return {
    port,
    own: urlOf(attacker.port),
    /** The attacker's application as it is, without the listener before it. */
    direct: `http://localhost:${attacker.port}/`,
    other: urlOf(victim.port),
    collector: `http://localhost:${collector.port}`,
    asked,

    /** Until the collector was asked for each of these, or for so long. */
    async waitForAsked(paths: readonly string[], limitMs: number): Promise<void> {
      const signal = AbortSignal.timeout(limitMs);
      while (!signal.aborted && !paths.every((path) => asked.includes(path))) {
        await once(arrivals, "asked", { signal }).catch(() => undefined);
      }
    },

    async close(): Promise<void> {
      await hub.close();
      for (const server of [attacker, victim, collector]) server.close();
    },
  };
}

/** Both applications under one origin, as a proxy that tells them apart by path shows them. */
export async function serveUnderOneOrigin(app: RequestListener, secret: string) {
  const server = createServer((request, response) => {
    if (request.url === "/other/") response.end(secret);
    else app(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const origin = `http://localhost:${typeof address === "object" && address ? address.port : 0}`;
  return { own: `${origin}/`, other: `${origin}/other/`, close: () => void server.close() };
}
