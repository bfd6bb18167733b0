import type { SessionId } from "@background-agents/shared/ids";
import type { Config } from "../config.ts";
import type { EgressDialerDeps } from "../egress/egress-dialer.ts";
import { createEgressProxy } from "../egress/egress-proxy.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SettingService } from "../settings/setting-service.ts";
import { createNetworkPolicy } from "./network-policy.ts";
import { networkRoutes } from "./network-routes.ts";
import { createNetworkService, type NetworkServiceDeps } from "./network-service.ts";

export type Network = ReturnType<typeof createNetwork>;

/** The room's parts, wired: the way out of each sandbox, and what its session may reach by it. */
export function createNetwork(deps: {
  config: Pick<Config, "upstreamProxy" | "sandbox">;
  clock: Clock;
  log: Log;
  store: SessionStore;
  recorder: SessionRecorder;
  events: EventLog;
  settings: SettingService;
  /** The user's own remotes, where their credentials are in the container. */
  listOwnTargets: (sessionId: SessionId) => Promise<readonly string[]>;
  sendPrompt: NetworkServiceDeps["sendPrompt"];
  /** How names are resolved and connections made; the system's own way where nothing else is given. */
  dialer?: EgressDialerDeps | undefined;
}) {
  const { config, store, recorder, settings, events, clock, log } = deps;
  // Sessions of servers from before modes were theirs had the one of the environment.
  store.fillNetworkMode(config.sandbox.network);
  const policy = createNetworkPolicy({ store, settings, events });
  const proxy = createEgressProxy({
    ...{ clock, log },
    upstreamProxy: config.upstreamProxy,
    ...deps.dialer,
    listOwnTargets: deps.listOwnTargets,
    findPolicy: (sessionId) => policy.find(sessionId),
    onBlocked: (report) => service.recordBlocked(report),
  });
  const service = createNetworkService({
    ...{ store, recorder, settings, policy, proxy },
    sendPrompt: deps.sendPrompt,
  });
  return { proxy, service, routes: () => networkRoutes({ network: service }) };
}
