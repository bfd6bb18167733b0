import { EnvHttpProxyAgent, type Dispatcher } from "undici";
import type { Config } from "../config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import { createDemoModel } from "./demo-model.ts";
import { createProviderClient } from "./gateway/provider-client.ts";
import { createModelGateway, type ModelUsage } from "./model-gateway.ts";
import { createModelListClient } from "./model-list-client.ts";
import { createModelService } from "./model-service.ts";
import { buildUpstreams } from "./provider-upstreams.ts";

export type Models = ReturnType<typeof createModels>;

/** The room's parts, wired: which models there are, and the one way to them. */
export function createModels(deps: { config: Config; clock: Clock; log: Log; onUsage: (usage: ModelUsage) => void }) {
  const { config, clock, log, onUsage } = deps;
  const upstreams = buildUpstreams({ keys: config.keys, baseUrls: config.baseUrls });
  // A model server on this machine (a local base URL) is not behind the proxy.
  const dispatcher: Dispatcher | undefined = config.upstreamProxy
    ? new EnvHttpProxyAgent({
        httpsProxy: config.upstreamProxy,
        httpProxy: config.upstreamProxy,
        noProxy: "localhost,127.0.0.1,[::1]",
      })
    : undefined;
  const service = createModelService({
    keys: config.keys,
    fetchModelList: createModelListClient({ upstreams, dispatcher }),
    log,
  });
  const gateway = createModelGateway({
    models: service,
    providers: createProviderClient({ upstreams, dispatcher }),
    demo: createDemoModel({ paceMs: config.demoPaceMs, clock }),
    onUsage,
    log,
  });
  return { service, gateway };
}
