import type { SessionId } from "@background-agents/shared/ids";
import type { GhAnswer, GhRequest } from "@background-agents/shared/protocol/agent-git";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import type { Session } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import { AppError } from "../lib/app-error.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { PullRequestService } from "../pull-requests/pull-request-service.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { refusal, requireAllowed, wordsOf } from "./agent-push.ts";
import type { Approvals } from "./approvals.ts";
import { describePullRequest } from "./describe-pull-request.ts";
import type { DescribePushDeps } from "./describe-push.ts";
import { formatChecks, formatView } from "./format-pull-request.ts";
import { decidePullRequest, refusalByCredentials, type GitCredentials } from "./push-policy.ts";

type CreateRequest = Extract<GhRequest, { command: "pr-create" }>;

export interface AgentGhDeps {
  store: SessionStore;
  events: EventLog;
  approvals: Approvals;
  credentials: () => GitCredentials;
  listChanges: DescribePushDeps["listChanges"];
  pullRequests: Pick<PullRequestService, "planPullRequest" | "createPullRequest" | "viewPullRequest">;
}

/** `gh` in a container: the few commands that make sense there, done by the server with the user's own `gh`. */
export function createAgentGh(deps: AgentGhDeps) {
  const { store, events, approvals, credentials } = deps;
  const oneAtATime = createKeyedMutex();

  async function create(session: Session, request: CreateRequest, gone: AbortSignal): Promise<GhAnswer> {
    const decision = decidePullRequest(session, credentials());
    if ("refused" in decision) throw refusal(decision.refused);
    if (!session.push) throw refusal("The branch is not on the remote yet. Push it first: git push -u origin HEAD");
    const { requestId, title, body, base, draft } = request;
    const plan = await deps.pullRequests.planPullRequest({ sessionId: session.id, title, body, base });
    let after = session.lastSeq;
    if (decision.ask) {
      const where = [plan.to, plan.remote, plan.branch, plan.base];
      // The words that it would be opened with: where the agent gives none, they are the session's, and those change.
      const subject = JSON.stringify(["pull-request", session.push, where, plan.title, plan.body, draft]);
      const asked = { sessionId: session.id, requestId, subject, gone };
      const verdict = await approvals.ask(asked, () => describePullRequest(deps, session, { ...plan, draft }));
      requireAllowed(verdict, "pull request");
      after = verdict.seq;
    }
    return oneAtATime(session.id, async () => {
      const made = events
        .listOfTypes(session.id, ["pull-request.updated"])
        .findLast((event) => event.type === "pull-request.updated" && event.seq > after);
      const pullRequest =
        made?.type === "pull-request.updated" && decision.ask
          ? made.data.pullRequest
          : await deps.pullRequests.createPullRequest({
              // What the user approved is what the remote has now: nothing newer is pushed on the way.
              ...{ sessionId: session.id, pushFirst: false, draft },
              ...{ remote: plan.remote, branch: plan.branch, base: plan.base, title: plan.title, body: plan.body },
            });
      return { exitCode: 0, stdout: `${pullRequest.url}\n`, stderr: "" };
    });
  }

  async function view(session: Session): Promise<PullRequest> {
    const off = refusalByCredentials("gh", credentials());
    if (off) throw refusal(off);
    const pullRequest = await deps.pullRequests.viewPullRequest(session.id);
    if (!pullRequest) throw refusal(`no pull requests found for branch "${session.branch}"`);
    return pullRequest;
  }

  function run(session: Session, request: GhRequest, gone: AbortSignal): Promise<GhAnswer> {
    switch (request.command) {
      case "pr-create":
        return create(session, request, gone);
      case "pr-view":
        return view(session).then((pullRequest) => formatView(pullRequest, request.json));
      case "pr-checks":
        return view(session).then(formatChecks);
    }
  }

  /** Never throws for what the agent may hear: that is the answer's `stderr`. */
  return async function answerGh(sessionId: SessionId, request: GhRequest, gone: AbortSignal): Promise<GhAnswer> {
    const session = store.find(sessionId)?.session;
    if (!session) throw new AppError("session.not-found", "There is no such session.");
    try {
      return await run(session, request, gone);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { exitCode: 1, stdout: "", stderr: `${wordsOf(error)}\n` };
    }
  };
}

export type AgentGh = ReturnType<typeof createAgentGh>;
