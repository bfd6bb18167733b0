import type { Approvals } from "./agent-git/approvals.ts";
import { approvalRoutes } from "./agent-git/approval-routes.ts";
import type { Budgets } from "./budgets/budgets.ts";
import { blobRoutes } from "./blobs/blob-routes.ts";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Config } from "./config.ts";
import type { EventHub } from "./events/event-hub.ts";
import type { EventLog } from "./events/event-log.ts";
import { REGISTRY_PRESET } from "./egress/registry-preset.ts";
import { diskRoutes } from "./housekeeping/disk-routes.ts";
import type { DiskUsage } from "./housekeeping/disk-usage.ts";
import { createAccessPolicy } from "./http/access-policy.ts";
import { ensureApiToken } from "./http/api-token.ts";
import { attachBrowserSockets } from "./http/browser-socket.ts";
import { docsRoutes } from "./http/docs-routes.ts";
import { checkHealth, healthRoutes } from "./http/health-routes.ts";
import { createHttpServer } from "./http/http-server.ts";
import { jobRoutes } from "./jobs/job-routes.ts";
import type { Jobs } from "./jobs/job-service.ts";
import type { Log } from "./lib/logger.ts";
import type { Models } from "./models/models.ts";
import type { Network } from "./network/network.ts";
import type { Publishing } from "./publishing/publishing.ts";
import { publishRoutes } from "./publishing/publish-routes.ts";
import type { Previews } from "./previews/previews.ts";
import type { PullRequests } from "./pull-requests/pull-requests.ts";
import type { Repositories } from "./repositories/repositories.ts";
import { repositoryRoutes } from "./repositories/repository-routes.ts";
import type { Reviews } from "./reviews/reviews.ts";
import type { SandboxProvider } from "./sandboxes/sandbox-provider.ts";
import type { LiveParts } from "./sessions/live-parts.ts";
import { setupRoutes } from "./sessions/setup-routes.ts";
import type { SetupService } from "./sessions/setup-service.ts";
import { sessionRoutes } from "./sessions/session-routes.ts";
import type { SessionService } from "./sessions/session-service.ts";
import { fleetSocketRoute, sessionSocketRoute } from "./sessions/session-socket.ts";
import type { SessionStore } from "./sessions/session-store.ts";
import { settingRoutes } from "./settings/setting-routes.ts";
import type { Secrets } from "./secrets/secrets.ts";
import type { SettingService } from "./settings/setting-service.ts";
import type { TimeTravel } from "./time-travel/time-travel.ts";
import { timeTravelRoutes } from "./time-travel/time-travel-routes.ts";

export interface ServeDeps {
  config: Config;
  version: string;
  provider: SandboxProvider;
  log: Log;
  store: SessionStore;
  events: EventLog;
  hub: EventHub;
  live: LiveParts;
  jobs: Jobs;
  blobs: BlobStore;
  disk: DiskUsage;
  models: Models;
  repositories: Repositories;
  settings: SettingService;
  secrets: Secrets;
  setup: SetupService;
  sessions: SessionService;
  reviews: Reviews;
  timeTravel: TimeTravel;
  publishing: Publishing;
  pullRequests: PullRequests;
  approvals: Approvals;
  network: Network;
  previews: Previews;
  budgets: Budgets;
}

/** Every route and socket that browsers are served, behind the one policy of who may ask. */
export async function serveApi(deps: ServeDeps) {
  const { config, version, provider, log, store, events, hub, live, jobs, reviews, sessions } = deps;
  const token = ensureApiToken(config.dataDir);
  let { port } = config;
  const { webPort, allowedHosts } = config;
  const access = createAccessPolicy({ token, port: () => port, webPort, allowedHosts });

  const health = () =>
    checkHealth({
      ...{ provider, version, image: config.sandbox.image },
      gitCredentials: deps.settings.get("git.credentials"),
      previews: deps.previews.state(),
    });
  const app = await createHttpServer({
    access,
    version,
    log,
    routes: [
      healthRoutes({ check: health }),
      ...deps.models.routes(),
      repositoryRoutes({ service: deps.repositories.service }),
      settingRoutes({ settings: deps.settings, preset: REGISTRY_PRESET }),
      deps.secrets.routes(),
      setupRoutes({ setup: deps.setup }),
      sessionRoutes({ service: sessions, store, log: events }),
      ...reviews.routes(),
      timeTravelRoutes({ timeTravel: deps.timeTravel }),
      publishRoutes({ publishing: deps.publishing }),
      deps.pullRequests.routes(),
      jobRoutes({ jobs, requireSession: (id) => sessions.get(id) }),
      approvalRoutes({ approvals: deps.approvals }),
      deps.network.routes(),
      deps.previews.routes(),
      ...deps.budgets.routes(),
      blobRoutes({ blobs: deps.blobs }),
      diskRoutes({ disk: deps.disk }),
      docsRoutes(),
    ],
  });

  const { list: listPorts } = deps.previews.ports;
  const socketDeps = { store, log: events, hub, live, jobs, readLive: reviews.live.read, listPorts };
  const sockets = attachBrowserSockets(app.server, {
    access,
    routes: [sessionSocketRoute(socketDeps), fleetSocketRoute(socketDeps)],
    log,
  });

  return {
    /** Begins to serve on loopback; answers where, `port` 0 in the configuration being any, and with what token. */
    async listen(): Promise<{ port: number; token: string }> {
      await app.listen({ host: "127.0.0.1", port: config.port });
      const address = app.server.address();
      if (typeof address === "object" && address) port = address.port;
      return { port, token };
    },

    async close(): Promise<void> {
      sockets.close();
      await app.close();
    },
  };
}
