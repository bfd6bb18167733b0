import { EnvHttpProxyAgent, type Dispatcher } from "undici";
import type { SessionId } from "@background-agents/shared/ids";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { Sealer } from "../secrets/seal.ts";
import { createDemoModel } from "./demo-model.ts";
import { isPrivateHost } from "./endpoints/endpoint-address.ts";
import { endpointRoutes } from "./endpoints/endpoint-routes.ts";
import { createEndpointService } from "./endpoints/endpoint-service.ts";
import { createEndpointStore } from "./endpoints/endpoint-store.ts";
import { createEndpointTest } from "./endpoints/endpoint-test-client.ts";
import { createProviderClient } from "./gateway/provider-client.ts";
import type { ReservedSums } from "./gateway/open-calls.ts";
import { createModelGateway, type ModelUsage } from "./model-gateway.ts";
import { createModelListClient } from "./model-list-client.ts";
import { modelRoutes } from "./model-routes.ts";
import { createModelService } from "./model-service.ts";

export type Models = ReturnType<typeof createModels>;

/** The room's parts, wired: which models there are, where they are reached, and the one way to them. */
export function createModels(deps: {
  config: Config;
  db: Database;
  sealer: Pick<Sealer, "seal" | "open">;
  clock: Clock;
  log: Log;
  /** Titles of the sessions that are not put away and use one of a provider's models: of `models`, or any of them. */
  listUsers: (provider: string, models?: readonly string[]) => string[];
  /** What keeps sessions to their budgets; made after this. */
  limits: () => {
    /** Why a session may ask no model now; undefined: it may. */
    refusal(sessionId: SessionId): string | undefined;
    /** Whether the session's limits, and the day's, have room with that much more used. */
    hasRoom(sessionId: SessionId, reserved: ReservedSums): boolean;
  };
  onUsage: (usage: ModelUsage) => void;
}) {
  const { config, clock, log, onUsage, limits } = deps;
  const endpoints = createEndpointService({
    ...{ store: createEndpointStore({ db: deps.db }), sealer: deps.sealer, config, clock, listUsers: deps.listUsers },
    onChanged: () => void service.refresh(),
  });
  const { findUpstream } = endpoints;
  const proxy: Dispatcher | undefined = config.upstreamProxy
    ? new EnvHttpProxyAgent({ httpsProxy: config.upstreamProxy, httpProxy: config.upstreamProxy, noProxy: "" })
    : undefined;
  // A model server on this machine, or in its own network, is not behind the proxy.
  const dispatcherFor = (apiUrl: string) => (isPrivateHost(new URL(apiUrl).hostname) ? undefined : proxy);
  const service = createModelService({
    endpoints,
    fetchModelList: createModelListClient({ findUpstream, dispatcherFor }),
    log,
  });
  const gateway = createModelGateway({
    models: service,
    findUpstream,
    providers: createProviderClient({ findUpstream, dispatcherFor }),
    demo: createDemoModel({ paceMs: config.demoPaceMs, clock }),
    checkBudget: (sessionId) => limits().refusal(sessionId),
    hasRoom: (sessionId, reserved) => limits().hasRoom(sessionId, reserved),
    ...{ onUsage, log },
  });
  const listModels = (id: string) => (endpoints.find(id)?.models ?? []).map((model) => model.id);
  const test = createEndpointTest({ findUpstream, listModels, dispatcherFor });
  return {
    service,
    gateway,
    endpoints,
    routes: () => [modelRoutes({ models: service }), endpointRoutes({ endpoints, test })],
  };
}
