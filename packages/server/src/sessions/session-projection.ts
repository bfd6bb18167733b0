import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import { createdState } from "./created-state.ts";
import { isGuardEvent, projectGuardEvent } from "./project-guard-event.ts";
import { isPromptEvent, projectPromptEvent } from "./project-prompt-event.ts";
import { isWorkEvent, projectWorkEvent } from "./project-work-event.ts";
import { computeStatus, queueWords } from "./session-status.ts";
import type { SessionState } from "./session-state.ts";
import { clockTurn } from "./turn-clock.ts";

/** Events that happen on their own and should not lift the session to the top of the list. */
const QUIET = new Set<SessionEvent["type"]>([
  "session.archived",
  "session.unarchived",
  "session.configured",
  "session.purged",
  // A sandbox that nobody needed was ended: nothing happened in the session.
  "sandbox.stopping",
  "sandbox.stopped",
  "budget.changed",
]);

/** Pure: the state after `event`. `undefined` is the state before `session.created`. */
export function project(before: SessionState | undefined, event: SessionEvent, sessionId: Session["id"]): SessionState {
  if (event.type === "session.created") return withStatus(createdState(event, sessionId));
  if (!before) throw new Error(`the first event of a session is session.created, not ${event.type}`);
  const state: SessionState = {
    ...before,
    session: {
      ...before.session,
      lastSeq: event.seq,
      lastActivityAt: QUIET.has(event.type) ? before.session.lastActivityAt : event.at,
    },
  };
  return withStatus(clockTurn(applyEvent(state, event), event));
}

/** Pure: the user has looked at everything up to `seq`. */
export function markSeen(state: SessionState, seq: number): SessionState {
  const seenSeq = Math.max(state.session.seenSeq, Math.min(seq, state.session.lastSeq));
  return withStatus({ ...state, session: { ...state.session, seenSeq } });
}

function applyEvent(state: SessionState, event: SessionEvent): SessionState {
  if (isPromptEvent(event)) return projectPromptEvent(state, event);
  if (isWorkEvent(event)) return projectWorkEvent(state, event);
  if (isGuardEvent(event)) return projectGuardEvent(state, event);
  const withSession = (changes: Partial<Session>): SessionState => ({
    ...state,
    session: { ...state.session, ...changes },
  });
  const withSandbox = (changes: Partial<Session["sandbox"]>): SessionState => {
    const next = withSession({ sandbox: { status: "none", phase: null, reason: null, logTail: null, ...changes } });
    // One that is only being made may have to wait once more: it stands where it stood.
    return changes.status === "creating" ? next : { ...next, queuedSince: null };
  };

  switch (event.type) {
    case "session.created":
      return state;
    case "session.renamed":
      return withSession({ title: event.data.title });
    case "session.configured":
      return withSession(definedOf(event.data));
    case "session.archived":
      return withSession({ archived: true });
    case "session.unarchived":
      return withSession({ archived: false });
    case "session.deleted":
      return withSession({ deletedAt: event.at });
    case "session.restored":
      return withSession({ deletedAt: null });
    case "session.purged":
      return { ...state, purgedAt: event.at };

    case "sandbox.queued":
      return {
        ...withSandbox({ status: "queued", reason: queueWords(event.data) }),
        queuedSince: state.queuedSince ?? event.at,
      };
    case "sandbox.creating":
      return { ...withSandbox({ status: "creating" }), boot: event.data.boot, task: event.data.task ?? "agent" };
    case "sandbox.booting":
      return withSandbox({ status: "booting", phase: event.data.phase, reason: event.data.message ?? null });
    case "sandbox.ready":
      return withSandbox({ status: "ready" });
    case "sandbox.stopping":
      return withSandbox({ status: "stopping", reason: event.data.reason });
    case "sandbox.stopped":
      return withSandbox({ status: "stopped", reason: event.data.reason });
    case "sandbox.failed":
      return withSandbox({ status: "failed", reason: event.data.reason, logTail: event.data.logTail });

    case "usage.recorded": {
      const { usage } = state.session;
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = event.data;
      return withSession({
        usage: {
          inputTokens: usage.inputTokens + inputTokens + cacheReadTokens + cacheWriteTokens,
          outputTokens: usage.outputTokens + outputTokens,
          costUsd: usage.costUsd + costUsd,
        },
      });
    }
    case "notice.raised":
      return state;
  }
}

function withStatus(state: SessionState): SessionState {
  return { ...state, session: { ...state.session, ...computeStatus(state) } };
}

/** Without the fields that were not given. */
function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
