import type { Readable } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import type { PushAnswer } from "@background-agents/shared/protocol/agent-git";
import type { Push, Session } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import { AppError, messageOf } from "../lib/app-error.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Log } from "../lib/logger.ts";
import type { HeldPush } from "../repositories/held-pushes.ts";
import { idsOf } from "../sessions/prompt-endings.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { activePrompt } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Approvals } from "./approvals.ts";
import { decidePush, type GitCredentials } from "./push-policy.ts";
import { describePush, describeUnseen, type DescribedPush, type DescribePushDeps } from "./describe-push.ts";

export interface AgentPushRequest {
  requestId: string;
  commit: string;
  branch: string;
  /** A bundle of what the server lacks; empty where that is nothing. */
  body: Readable;
  /** The command in the container is gone. */
  gone: AbortSignal;
}

export interface AgentPushDeps extends DescribePushDeps {
  store: SessionStore;
  events: EventLog;
  recorder: Pick<SessionRecorder, "record">;
  approvals: Approvals;
  credentials: () => GitCredentials;
  /** Takes the objects in, with all checks, until it is decided about them. Throws `checkpoint.refused`. */
  holdPush(session: Session, bundle: { commit: string; body: Readable }): Promise<HeldPush>;
  /** The remote the session pushes to, its address without credentials. Throws `remote.missing`. */
  findRemote(session: Session): Promise<{ name: string; url: string }>;
  pushWork(order: {
    sessionId: SessionId;
    commit: string;
    branch: string;
    remote: string;
    from: HeldPush;
  }): Promise<Push>;
  log: Log;
}

/** `git push` in a container: checked, taken in, asked about, and then done by the server as the user. */
export function createAgentPush(deps: AgentPushDeps) {
  const { store, events, approvals, credentials } = deps;
  const oneAtATime = createKeyedMutex();

  /** Branches this session may have in its clone: named at creation, renamed by the user, pushed before. */
  function listOwnBranches(session: Session): string[] {
    const [created] = events.listOfTypes(session.id, ["session.created"]);
    const first = created?.type === "session.created" ? created.data.branch : session.branch;
    return [session.branch, first, ...(session.push ? [session.push.branch] : [])];
  }

  /** Whether the commit was pushed after the user allowed it: an answer that got lost is given again, nothing is done twice. */
  function wasPushed(sessionId: SessionId, commit: string, after: number): boolean {
    return events
      .listOfTypes(sessionId, ["branch.pushed"])
      .some((event) => event.type === "branch.pushed" && event.seq > after && event.data.push.commit === commit);
  }

  async function push(sessionId: SessionId, request: AgentPushRequest): Promise<string> {
    const { commit, branch } = request;
    const session = requireSession(sessionId);
    const decision = decidePush(session, { branch, ownBranches: listOwnBranches(session) }, credentials());
    if ("refused" in decision) throw refusal(decision.refused);
    const remote = await deps.findRemote(session);
    const held = await oneAtATime(sessionId, () => deps.holdPush(session, { commit, body: request.body }));
    try {
      return await pushHeld(session, { ...request, remote, held, ask: decision.ask });
    } finally {
      // What is left lying is cleared away at the next push: it takes nothing from the answer.
      await held.release().catch((error: unknown) => {
        deps.log.warn({ sessionId, commit, error: messageOf(error) }, "a held push could not be removed");
      });
    }
  }

  /** What is held leaves the sandbox's quarantine, once the user has allowed it. */
  async function pushHeld(
    session: Session,
    order: Omit<AgentPushRequest, "body"> & { remote: { name: string; url: string }; held: HeldPush; ask: boolean },
  ): Promise<string> {
    const { commit, branch, remote, gone, held, requestId } = order;
    const { id: sessionId } = session;
    const push = { commit, branch, remote };
    let after = session.lastSeq;
    if (order.ask) {
      const subject = ["push", commit, branch, remote.name].join("\n");
      const asked = { sessionId, requestId, subject, gone };
      const verdict = await approvals.ask(asked, () => describePush(deps, session, push));
      requireAllowed(verdict, "push");
      after = verdict.seq;
    }
    return oneAtATime(`${sessionId} push`, async () => {
      if (!wasPushed(sessionId, commit, after)) {
        const unseen = order.ask ? null : await findUnseen(session, push);
        await deps.pushWork({ sessionId, commit, branch, remote: remote.name, from: held });
        if (unseen !== null) tell(sessionId, unseen);
      }
      return `The server pushed ${commit.slice(0, 10)} to ${branch} on ${remote.name} (${remote.url}).`;
    });
  }

  /** What the user is told is news and no condition: the session may push by itself, whether or not they can be told. */
  function findUnseen(session: Session, push: DescribedPush): Promise<string | null> {
    return describeUnseen(deps, session, push).catch((error: unknown) => {
      logUntold(session.id, error);
      return null;
    });
  }

  function tell(sessionId: SessionId, message: string): void {
    try {
      deps.recorder.record(sessionId, (state) => {
        const active = activePrompt(state);
        const data = { level: "warning" as const, code: "push.executes", message };
        return [{ type: "notice.raised", actor: "server", ...(active && idsOf(active)), data }];
      });
    } catch (error) {
      logUntold(sessionId, error);
    }
  }

  function logUntold(sessionId: SessionId, error: unknown): void {
    deps.log.error({ sessionId, error: messageOf(error) }, "the user could not be told what a push executes");
  }

  function requireSession(sessionId: SessionId): Session {
    const session = store.find(sessionId)?.session;
    if (!session) throw new AppError("session.not-found", "There is no such session.");
    return session;
  }

  /** Never throws for what the agent may hear: a refusal is an answer. */
  return async function pushForAgent(sessionId: SessionId, request: AgentPushRequest): Promise<PushAnswer> {
    try {
      return { ok: true, message: await push(sessionId, request) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      deps.log.info({ sessionId, reason: error.message }, "a push by the agent was not done");
      return { ok: false, message: wordsOf(error) };
    } finally {
      request.body.resume();
    }
  };
}

export type AgentPush = ReturnType<typeof createAgentPush>;

/** Throws where the user did not allow it. */
export function requireAllowed(verdict: { outcome: string; message?: string | undefined }, what: string): void {
  const word = verdict.message ? ` They say: ${verdict.message}` : "";
  if (verdict.outcome === "refused") {
    throw refusal(`The user refused the ${what}.${word} Do not try again unless they ask for it.`);
  }
  if (verdict.outcome !== "allowed") throw refusal(`The ${what} was withdrawn before the user answered.${word}`);
}

export function refusal(message: string): AppError {
  return new AppError("branch.refused", message);
}

/** What the agent reads in its terminal; advice is for the user, who reads it elsewhere. */
export function wordsOf(error: AppError): string {
  const word = error.code === "remote.missing" ? " The work reaches the user's repository without a push." : "";
  return `${error.message}${word}`.slice(0, 8000);
}
