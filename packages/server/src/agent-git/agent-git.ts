import type { SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Git } from "../lib/git-process.ts";
import type { Log } from "../lib/logger.ts";
import { listRemotes, requireRemote } from "../publishing/remotes.ts";
import { transportVariables } from "../publishing/user-transport.ts";
import type { Repositories } from "../repositories/repositories.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { createAgentFetch } from "./agent-fetch.ts";
import { createAgentGh, type AgentGhDeps } from "./agent-gh.ts";
import { createAgentGitHub } from "./agent-git-hub.ts";
import { createAgentPush, type AgentPushDeps } from "./agent-push.ts";
import { createApprovals } from "./approvals.ts";
import type { GitCredentials } from "./push-policy.ts";
import { listRemoteTargets } from "./remote-targets-process.ts";

export interface AgentGitDeps {
  git: Git;
  dataDir: string;
  /** As the settings have it now. */
  credentials: () => GitCredentials;
  store: SessionStore;
  recorder: SessionRecorder;
  events: EventLog;
  repositories: Pick<Repositories, "mirrors" | "quarantine" | "ensureMirrorPath">;
  pushWork: AgentPushDeps["pushWork"];
  pullRequests: AgentGhDeps["pullRequests"];
  /** How long a request stays open after its command was cut off. */
  graceMs?: number | undefined;
  log: Log;
}

export type AgentGit = ReturnType<typeof createAgentGit>;

const SUBJECTS_LISTED = 30;

/** The room's parts, wired: what git and gh in a container ask for, and the user's approval of it. */
export function createAgentGit(deps: AgentGitDeps) {
  const { git, store, recorder, events, credentials, repositories, log } = deps;
  const requireRemoteOf = (session: Session) =>
    requireRemote(git, session.repository.path, { last: session.push?.remote, baseBranch: session.baseBranch });
  const { quarantine, mirrors } = repositories;
  const approvals = createApprovals({ store, recorder, events, graceMs: deps.graceMs, log });

  const listChanges = (session: Session, { from, to }: { from: string; to: string }) =>
    quarantine.changes({ sessionId: session.id, repositoryId: session.repository.id, from, to });

  const push = createAgentPush({
    ...{ store, recorder, events, approvals, credentials, log },
    findRemote: async (session) => {
      const { name, shownUrl } = await requireRemoteOf(session);
      return { name, url: shownUrl };
    },
    pushWork: deps.pushWork,
    holdPush: ({ id, repository, baseCommit }, { commit, body }) =>
      quarantine.holdPush({ sessionId: id, repositoryId: repository.id, commit, baseCommit, bundle: body }),
    async listSubjects(session, { from, to }) {
      const of = { sessionId: session.id, repositoryId: session.repository.id };
      const place = { gitDir: await quarantine.findPlace(of, [from, to]) };
      const range = ["--end-of-options", to, `^${from}`, "--"];
      const [log, count] = await Promise.all([
        git.run(["log", `--max-count=${SUBJECTS_LISTED}`, "--format=%h %s", ...range], place),
        git.run(["rev-list", "--count", ...range], place),
      ]);
      return { count: Number(count.stdout), subjects: log.stdout.split("\n").filter(Boolean) };
    },
    listChanges,
  });

  const fetch = createAgentFetch({
    ...{ git, credentials },
    async openRemote(session) {
      const repositoryPath = session.repository.path;
      const remote = await requireRemoteOf(session).catch((error: unknown) => {
        if (error instanceof AppError && error.code === "remote.missing") return undefined;
        throw error;
      });
      if (!remote) return undefined;
      return { name: remote.name, variables: await transportVariables(git, { repositoryPath, remote }) };
    },
    dataDir: deps.dataDir,
    ensureMirror: (session) => repositories.ensureMirrorPath(session),
    async refreshBase({ repository, baseBranch }) {
      const order = { repositoryId: repository.id, repositoryPath: repository.path, branch: baseBranch };
      return mirrors.ensure(order).then(
        ({ commit }) => commit,
        () => undefined,
      );
    },
  });

  const gh = createAgentGh({
    ...{ store, events, approvals, credentials, listChanges },
    pullRequests: deps.pullRequests,
  });

  return {
    approvals,
    /** At start: what was open waits for its command to come again, and to bring what it wants pushed once more. */
    recover(sessionIds: SessionId[]): void {
      approvals.recover(sessionIds);
      for (const sessionId of sessionIds) {
        // Nothing waits for it: what stays takes room, and the session's next push tries again.
        quarantine.dropUnheldPushes(sessionId).catch((error: unknown) => {
          log.warn({ sessionId, error: messageOf(error) }, "what waited to be pushed could not be removed");
        });
      }
    },

    handle: createAgentGitHub({ store, approvals, fetch, push, gh }),

    /** With the user's own credentials in the container: the address that `origin` has there, where there is one. */
    async findOrigin(session: Session): Promise<string | undefined> {
      if (credentials() !== "mount") return undefined;
      return requireRemoteOf(session).then(
        ({ url }) => url,
        () => undefined,
      );
    },

    /** What such a container may connect to, as `host:port`: the remotes of the user's repository. */
    async listOwnTargets(sessionId: SessionId): Promise<string[]> {
      const session = store.find(sessionId)?.session;
      if (credentials() !== "mount" || !session) return [];
      const remotes = await listRemotes(git, session.repository.path);
      return (await Promise.all(remotes.map(listRemoteTargets))).flat();
    },
  };
}
