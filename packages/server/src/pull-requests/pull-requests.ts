import type { SessionId } from "@background-agents/shared/ids";
import type { SendPromptBody } from "@background-agents/shared/protocol/commands";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import type { Database } from "../db/database.ts";
import type { EventHub } from "../events/event-hub.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Jobs } from "../jobs/job-service.ts";
import type { Clock } from "../lib/clock.ts";
import type { Git } from "../lib/git-process.ts";
import type { Log } from "../lib/logger.ts";
import type { Publishing } from "../publishing/publishing.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { describeWork } from "./describe-work.ts";
import { createGhClient } from "./gh-client.ts";
import { createGh } from "./gh-process.ts";
import { readProposal } from "./proposal.ts";
import { pullRequestRoutes } from "./pull-request-routes.ts";
import { createPullRequestService } from "./pull-request-service.ts";
import { createPullRequestStore } from "./pull-request-store.ts";
import { watchPullRequests } from "./watch-pull-requests.ts";

export type PullRequests = ReturnType<typeof createPullRequests>;

const LOOK_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 15_000;

/** The room's parts, wired. */
export function createPullRequests(deps: {
  db: Database;
  git: Git;
  store: SessionStore;
  events: EventLog;
  hub: EventHub;
  recorder: SessionRecorder;
  jobs: Jobs;
  publishing: Publishing;
  sendPrompt: (sessionId: SessionId, body: SendPromptBody) => Promise<Prompt>;
  /** Something about the session's pull request is new: it may be merged. */
  onUpdated: (sessionId: SessionId) => void;
  clock: Clock;
  log: Log;
}) {
  const { git, store, publishing } = deps;
  const client = createGhClient({ gh: createGh(), clock: deps.clock });

  const describe = (session: Session): string =>
    describeWork(session, store.listPrompts(session.id), lastAnswer(deps.events, session.id));

  let watch: ReturnType<typeof watchPullRequests> | undefined;
  const lookNow = (sessionId: SessionId): void => void watch?.lookNow(sessionId);
  const service = createPullRequestService({ ...deps, client, describe, onOpened: lookNow });

  return {
    service,

    routes: () =>
      pullRequestRoutes({
        service,
        requireSession: (id) => publishing.requireSession(id),
        propose: (session) => readProposal({ git, client, publishing, describe }, session),
      }),

    /** Begins to look at open pull requests every minute. */
    start(): void {
      const { listOpen } = createPullRequestStore({ db: deps.db });
      watch = watchPullRequests({
        listOpen,
        isWatched: (id) =>
          deps.hub.isWatched(id) || ["working", "waiting"].includes(store.find(id)?.session.status ?? ""),
        look: async (id) => (await service.refresh(id, { quiet: true }))?.problem ?? null,
        everyMs: LOOK_EVERY_MS,
        againMs: LOOK_AGAIN_MS,
        log: deps.log,
      });
    },

    /** Call it where the session's branch was pushed: an open pull request is looked at, now and a little later. */
    lookNow,

    async stop(): Promise<void> {
      await watch?.stop();
    },
  };
}

/** The last thing the agent said in words. */
function lastAnswer(events: EventLog, sessionId: SessionId): string {
  const last = events
    .listOfTypes(sessionId, ["part.settled"])
    .findLast(
      (event) => event.type === "part.settled" && event.data.kind === "text" && event.data.parentPartId === undefined,
    );
  return last?.type === "part.settled" ? (last.data.text ?? "") : "";
}
