import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import type { Config } from "../config.ts";
import type { EventHub } from "../events/event-hub.ts";
import type { Clock } from "../lib/clock.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { createOpenPorts } from "./open-ports.ts";
import { createPreviewAddresses, type PreviewTarget } from "./preview-addresses.ts";
import { createPreviewHub } from "./preview-hub.ts";
import { buildPreviewPolicy } from "./preview-policy.ts";
import { previewRoutes } from "./preview-routes.ts";
import { createPreviewService } from "./preview-service.ts";
import { createPreviewTunnels } from "./preview-tunnels.ts";

export type Previews = ReturnType<typeof createPreviews>;

export interface PreviewsDeps {
  config: Pick<Config, "previewPort" | "webPort" | "allowedHosts">;
  hub: Pick<EventHub, "publish">;
  store: { find(id: SessionId): { session: Pick<Session, "archived" | "deletedAt"> } | undefined };
  sandboxes: Pick<SandboxManager, "send" | "isConnected" | "isOutdated" | "runningSessions">;
  secrets: Pick<Secrets, "redactorOf">;
  clock: Clock;
}

/** The room's parts, wired: what listens in sandboxes, and how a browser gets to see it. */
export function createPreviews(deps: PreviewsDeps) {
  const { config, store, sandboxes, secrets } = deps;
  const findSession = (id: SessionId) => store.find(id)?.session;
  const addresses = createPreviewAddresses();
  const ports = createOpenPorts({
    hub: deps.hub,
    redact: (sessionId, text) => secrets.redactorOf(sessionId).text(text),
  });
  const tunnels = createPreviewTunnels({ send: (id, frame) => sandboxes.send(id, frame), clock: deps.clock });

  function revoke(sessionId: SessionId): void {
    addresses.revoke(sessionId);
    tunnels.cut(sessionId);
  }

  /** Ends what belongs to a session that is put away. */
  function isOpen({ sessionId }: Pick<PreviewTarget, "sessionId">): boolean {
    const session = findSession(sessionId);
    if (session && !session.archived && session.deletedAt === null) return true;
    revoke(sessionId);
    return false;
  }

  const hub = createPreviewHub({
    ...{ port: config.previewPort, addresses, tunnels, isOpen },
    buildPolicy: (host) => buildPreviewPolicy(host, config),
  });
  const service = createPreviewService({ findSession, sandboxes, addresses, ports, hub });

  return {
    tunnels,
    ports,
    state: () => hub.state(),
    routes: () => previewRoutes({ previews: service }),
    /** The session or its sandbox changed. Addresses hold for its next sandbox, until it is archived or deleted. */
    recheck(sessionId: SessionId): void {
      if (!isOpen({ sessionId }) || !sandboxes.runningSessions().includes(sessionId)) {
        tunnels.cut(sessionId);
        ports.set(sessionId, []);
      }
    },
    close: () => hub.close(),
  };
}
