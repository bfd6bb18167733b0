import { join } from "node:path";
import type { SessionId } from "@background-agents/shared/ids";
import { createAgentGit } from "./agent-git/agent-git.ts";
import { createBudgets } from "./budgets/budgets.ts";
import { createBlobStore } from "./blobs/blob-store.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { createEventHub } from "./events/event-hub.ts";
import { createEventLog } from "./events/event-log.ts";
import type { Clock } from "./lib/clock.ts";
import type { Failpoint } from "./lib/failpoint.ts";
import { createGit } from "./lib/git-process.ts";
import type { Log } from "./lib/logger.ts";
import type { EgressDialerDeps } from "./egress/egress-dialer.ts";
import { createDiskQuota } from "./housekeeping/disk-quota.ts";
import { createDiskUsage, readFreeBytes } from "./housekeeping/disk-usage.ts";
import { createHousekeeping } from "./housekeeping/housekeeping.ts";
import { createKeptShare } from "./housekeeping/kept-share.ts";
import { createJobs } from "./jobs/job-service.ts";
import { createJobStore } from "./jobs/job-store.ts";
import { buildPermission } from "./models/opencode-config.ts";
import { createModels } from "./models/models.ts";
import { createNetwork } from "./network/network.ts";
import { createPublishing } from "./publishing/publishing.ts";
import { createPreviews } from "./previews/previews.ts";
import { createPullRequests } from "./pull-requests/pull-requests.ts";
import { createRepositories } from "./repositories/repositories.ts";
import { createReviews } from "./reviews/reviews.ts";
import { createTermsReader } from "./sandboxes/sandbox-terms.ts";
import { createSandboxes } from "./sandboxes/sandboxes.ts";
import type { SandboxProvider } from "./sandboxes/sandbox-provider.ts";
import { keepCurrent } from "./sessions/keep-current.ts";
import { createLiveParts } from "./sessions/live-parts.ts";
import { openRestore } from "./sessions/restore-content.ts";
import { RELAY_PORTS, SANDBOX_ENV } from "./sessions/sandbox-spec.ts";
import { createSpecBuilder } from "./sessions/spec-builder.ts";
import { createSessionEffects } from "./sessions/session-effects.ts";
import { createSessionRecorder } from "./sessions/session-recorder.ts";
import { createSessionReports } from "./sessions/session-reports.ts";
import { createSessionService } from "./sessions/session-service.ts";
import { serveApi } from "./serve-api.ts";
import { listOwnKeys } from "./secrets/own-keys.ts";
import { createSecrets } from "./secrets/secrets.ts";
import { createSetupPlan } from "./sessions/setup-plan.ts";
import { createSetupService } from "./sessions/setup-service.ts";
import { createSettingService } from "./settings/setting-service.ts";
import { createSettingStore } from "./settings/setting-store.ts";
import { createSessionStore } from "./sessions/session-store.ts";
import { createSessionWork } from "./sessions/session-work.ts";
import { createTimeTravel } from "./time-travel/time-travel.ts";

export const VERSION = "0.1.0";

export interface AppDeps {
  config: Config;
  /** Marks what belongs to this data directory on the engine. */
  instance: string;
  provider: SandboxProvider;
  clock: Clock;
  log: Log;
  /** Bytes free on the disk of a directory; asked of the system where it is not given. */
  readFreeBytes?: (directory: string) => Promise<number>;
  /** Bytes of memory that programs could still get; asked of the system where it is not given. */
  readAvailableMemory?: () => number | undefined;
  /** How sandboxes' connections are resolved and made; the system's own way where it is not given. */
  dialer?: EgressDialerDeps;
  failpoint?: Failpoint;
  /** How long an agent has to obey a stop before its container ends. */
  stopLimitMs?: number;
}

export interface App {
  /** The API as it listens; `port` 0 in the configuration means any. */
  listen(): Promise<{ port: number; token: string }>;
  /** Takes over what runs, ends what is gone, goes on with what was under way. */
  recover(): Promise<void>;
  /** The text without known secret values, for the log. */
  redact(text: string): string;
  /** Stops serving. Sandboxes run on and wait for the next start. */
  close(): Promise<void>;
}

/** The composition root: every room is made here, and every upward need is wired here and only here. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { config, clock, log, provider, failpoint } = deps;
  const db = openDatabase(join(config.dataDir, "data.db"), failpoint);
  const eventLog = createEventLog({ db });
  const hub = createEventHub();
  const live = createLiveParts({
    ...{ hub, redactorOf: (sessionId: SessionId) => secrets.liveRedactorOf(sessionId) },
    onPorts: (sessionId, ports) => previews.ports.set(sessionId, ports),
  });
  const store = createSessionStore({ db });
  const findRepository = (sessionId: SessionId) => store.find(sessionId)?.session.repository.id;
  const recorder = createSessionRecorder({
    ...{ db, log: eventLog, hub, store, clock },
    onRecorded: (recorded) => budgets.note(recorded),
    redactorFor: (repositoryId) => secrets.redaction.of(repositoryId),
  });
  const ownKeys = listOwnKeys(config);
  const secrets = createSecrets({
    ...{ db, dataDir: config.dataDir, clock, findRepository },
    requireRepository: (id) => repositories.service.requireKnown(id),
    listOwnKeys: () => [...ownKeys, ...models.endpoints.listKnownKeys()],
    onUnreadable: (sessionId, names) => reports.recordUnreadable(sessionId, names),
  });
  const blobs = createBlobStore({ dataDir: config.dataDir, redact: () => secrets.makeSharedFilter() });
  const jobs = createJobs({
    ...{ store: createJobStore({ db }), clock, log },
    record: (sessionId, events, also) => void recorder.record(sessionId, () => events, also),
    publish: (sessionId, frame) => hub.publish(sessionId, frame),
    redact: (sessionId, text) => secrets.redactorOf(sessionId).text(text),
  });

  const settings = createSettingService({
    ...{ store: createSettingStore({ db }), config, clock },
    requireRepository: (id) => repositories.service.requireKnown(id),
    onChanged: () => {
      network.service.review();
      budgets.service.review();
    },
  });
  const repositories = createRepositories({
    ...{ db, config, clock, log },
    isInUse: (repositoryId) => store.countSessionsOf(repositoryId) > 0,
    requireRoom: (sessionId) => kept.requireRoom(sessionId),
    onRemoved: (repositoryId) => {
      settings.forget(repositoryId);
      secrets.service.forget(repositoryId);
    },
  });
  const models = createModels({
    ...{ config, db, clock, log },
    sealer: secrets.sealer,
    listUsers: (provider, only) => store.listModelUsers(provider, only),
    limits: () => budgets.service,
    onUsage: (usage) => {
      reports.recordUsage(usage);
      budgets.service.checkUse(usage.sessionId);
    },
  });
  const network = createNetwork({
    ...{ config, clock, log, store, recorder, settings, events: eventLog },
    listOwnTargets: (sessionId) => agentGit.listOwnTargets(sessionId),
    sendPrompt: (sessionId, body, along) => service.sendPrompt(sessionId, body, along),
    dialer: deps.dialer,
  });

  const {
    manager: sandboxes,
    places,
    boots,
    directories,
    engine,
    noteEngine,
  } = createSandboxes({
    ...{ db, config, provider, clock, log, failpoint },
    ...{ instance: deps.instance, env: SANDBOX_ENV, readAvailableMemory: deps.readAvailableMemory },
    readTerms: createTermsReader({ settings, findRepository }),
    callbacks: {
      onCreating: (sessionId, boot, task) => reports.recordCreating(sessionId, boot, task),
      onAdopted: (sessionId) => places.hold(sessionId),
      onConnected: (sessionId) => effects.advance(sessionId),
      onReport: (sessionId, boot, report) =>
        kept.takeReport(sessionId, () => reports.recordReport(sessionId, boot, report)),
      lastReport: (sessionId, boot) => store.lastReport(sessionId, boot),
      onTransient: (sessionId, frame) => reports.applyTransient(sessionId, frame),
      onBundle: (sessionId, upload) => reports.recordCheckpoint(sessionId, upload),
      onLive: (sessionId, upload) => reviews.live.receive(sessionId, upload),
      onConversation: (...conversation) => work.takeConversation(...conversation),
      onRestore: (sessionId, wanted) => openRestore({ store, ...repositories }, sessionId, wanted),
      onBlob: (sessionId, hash, body) => kept.takeBlob(sessionId, hash, body),
      onSecrets: (sessionId, task) => secrets.giveTo(sessionId, task),
      onModelRequest: (sessionId, { request, response, path }) =>
        void models.gateway.handle(request, response, { sessionId, path }),
      onAgentGit: (sessionId, call) => agentGit.handle(sessionId, call),
      onEgress: (sessionId, tunnel) => network.proxy.handleConnect({ sessionId, ...tunnel }),
      onPreview: (sessionId, dialled) => previews.tunnels.accept(sessionId, dialled),
      onEnd: (sessionId, end) => reports.recordEnd(sessionId, end),
    },
  });

  const previews = createPreviews({ config, hub, sandboxes, store, secrets, clock });

  const setupPlan = createSetupPlan({ settings, repositories, secrets: secrets.service });
  const buildSpec = createSpecBuilder({
    ...{ store, settings, setupPlan, models: models.service, repositories: repositories.service },
    findOrigin: (session) => agentGit.findOrigin(session),
  });

  const disk = createDiskUsage({
    ...{ store, provider, clock, log, dataDir: config.dataDir },
    readFreeBytes: deps.readFreeBytes ?? readFreeBytes,
  });

  const quota = createDiskQuota({
    ...{ sandboxes, provider, recorder, clock, log },
    limitOf: (sessionId) => settings.get("sandbox.diskBytes", findRepository(sessionId)),
    createdAt: (sessionId) => store.find(sessionId)?.session.createdAt,
  });

  const kept = createKeptShare({
    ...{ sandboxes, blobs, recorder, events: eventLog, dataDir: config.dataDir, log },
    readFreeBytes: deps.readFreeBytes ?? readFreeBytes,
    limitOf: (sessionId) => settings.get("sandbox.diskBytes", findRepository(sessionId)),
  });

  const work = createSessionWork({ repositories, store, redactBody: (...body) => secrets.redactBody(...body) });
  const effects = createSessionEffects({
    ...{ places, store, recorder, sandboxes, engine, setupPlan, failpoint, clock, log },
    lastUsedAt: (sessionId) => previews.tunnels.lastUsedAt(sessionId),
    isHeld: (sessionId) => budgets.service.check(sessionId) !== undefined,
    findProvider: (modelId) => models.service.opencodeEndpoint(modelId, RELAY_PORTS.llm),
    stopLimitMs: deps.stopLimitMs,
    async requireSpace(sessionId) {
      quota.requireShare(sessionId);
      kept.requireHistory(sessionId);
      await disk.requireSpace();
    },
    buildSpec,
    permissionOf: ({ permissionMode, repository }) =>
      buildPermission(permissionMode, settings.get("permissions.rules", repository.id)),
    ensureMirror: (session) => repositories.ensureMirrorPath(session),
    publish: ({ session }) => publishing.follow(session),
    onAdvanced: (sessionId) => {
      reviews.advance(sessionId);
      agentGit.approvals.settle(sessionId);
      // What was allowed for a turn is over with it.
      network.proxy.recheck(sessionId);
      previews.recheck(sessionId);
    },
  });

  const reports = createSessionReports({
    ...{ events: eventLog, store, recorder, effects, live, failpoint, clock, log },
    importBundle: work.importBundle,
    findMovedBase: repositories.findMovedBase,
  });

  const service = createSessionService({
    ...{ store, recorder, effects, clock, settings, models: models.service },
    repositories: repositories.service,
    mirrors: repositories.mirrors,
    copiedFiles: repositories.copiedFiles,
    onNetworkChanged: (sessionId) => network.service.modeChanged(sessionId),
  });

  const budgets = createBudgets({ db, store, recorder, effects, settings, clock, log });

  const timeTravel = createTimeTravel({
    ...{ store, recorder, effects, clock, repositories, log: eventLog },
    models: models.service,
    sessions: service,
  });

  const reviews = createReviews({
    ...{ db, hub, store, recorder, clock, log, events: eventLog },
    sessions: service,
    repositories,
  });

  const publishing = createPublishing({
    ...{ git: createGit(), store, recorder, jobs, clock, failpoint, log },
    publisher: repositories.publisher,
    quarantine: repositories.quarantine,
    identity: (path) => repositories.service.identity(path),
    redactorOf: (sessionId) => secrets.redactorOf(sessionId),
    onPushed: (sessionId) => pullRequests.lookNow(sessionId),
    dataDir: config.dataDir,
  });

  const pullRequests = createPullRequests({
    ...{ db, git: createGit(), store, events: eventLog, hub, recorder, jobs, publishing, clock, log },
    sendPrompt: (sessionId, body) => service.sendPrompt(sessionId, body),
    onUpdated: (sessionId) => reviews.advance(sessionId),
  });

  const agentGit = createAgentGit({
    ...{ git: createGit(), store, recorder, events: eventLog, repositories, log },
    dataDir: config.dataDir,
    credentials: () => settings.get("git.credentials"),
    pushWork: (order) => publishing.pushWork(order),
    pullRequests: pullRequests.service,
  });

  const api = await serveApi({
    ...{ secrets, setup: createSetupService({ store, recorder, effects, setupPlan }) },
    ...{ config, provider, log, store, events: eventLog, hub, live, jobs, blobs, disk, models, repositories, settings },
    ...{ sessions: service, reviews, timeTravel, publishing, pullRequests, network, budgets, previews },
    approvals: agentGit.approvals,
    version: VERSION,
  });

  const housekeeping = createHousekeeping({
    ...{ store, recorder, sandboxes, provider, boots, directories, blobs, quota, clock, log },
    quarantine: repositories.quarantine,
    mirrors: repositories.mirrors,
    reposDir: config.reposDir,
  });
  let stopWatching = (): void => undefined;

  return {
    listen: () => api.listen(),

    async recover() {
      jobs.recover();
      await reviews.recover();
      void models.service.refresh();
      stopWatching = await keepCurrent({
        ...{ provider, sandboxes, engine, effects, store, buildSpec, clock, log },
        idleTimeoutMs: config.sandbox.idleTimeoutMs,
        onEngineInfo: noteEngine,
        onEnd: (sessionId, end) => reports.recordEnd(sessionId, end),
      });
      agentGit.recover(store.listUnsettled());
      pullRequests.start();
      budgets.start();
      housekeeping.start();
    },

    redact: (text) => (db.open ? secrets.redaction.ofAll().text(text) : text),

    async close() {
      stopWatching();
      await Promise.all([api.close(), previews.close()]);
      agentGit.approvals.close();
      budgets.stop();
      await housekeeping.stop();
      await pullRequests.stop();
      await jobs.close();
      await effects.close();
      await reviews.close();
      await sandboxes.detach();
      db.close();
    },
  };
}
