import { createHash } from "node:crypto";
import type { SessionId } from "@background-agents/shared/ids";
import type { Approval, ApprovalOutcome } from "@background-agents/shared/sessions/approval";
import type { Session } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import { messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import { decideApproval, decideAsk, withdrawApprovals, type ApprovalAnswer } from "../sessions/approval-machine.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";

/** How an approval ended; `seq` is that of the event. */
export interface Verdict {
  outcome: ApprovalOutcome;
  message?: string | undefined;
  seq: number;
}

interface Waiter {
  sessionId: SessionId;
  approvalId: string;
  resolve(verdict: Verdict): void;
}

export type Approvals = ReturnType<typeof createApprovals>;

/** A command that was cut off may come again within this time and go on waiting. */
const GRACE_MS = 60_000;

/**
 * Requests that wait for the user. What was asked and what was answered stands in the events, so a request finds its
 * answer again after a restart; here is only who waits. A request that nobody waits for any more is withdrawn.
 */
export function createApprovals(deps: {
  store: SessionStore;
  recorder: SessionRecorder;
  events: EventLog;
  graceMs?: number | undefined;
  log: Log;
}) {
  const { store, recorder, events, graceMs = GRACE_MS, log } = deps;
  const waiters = new Set<Waiter>();
  const graces = new Map<string, NodeJS.Timeout>();
  let closed = false;

  const isOpen = (sessionId: SessionId, approvalId: string): boolean =>
    store.find(sessionId)?.session.asking.approvals.some((one) => one.approvalId === approvalId) ?? false;

  const isAwaited = (approvalId: string): boolean => [...waiters].some((one) => one.approvalId === approvalId);

  /** The last answer given to this request; undefined where it was never asked, or is asked again since. */
  function findVerdict(sessionId: SessionId, approvalId: string): Verdict | undefined {
    const known = events
      .listOfTypes(sessionId, ["approval.asked", "approval.answered"])
      .findLast(
        (event) =>
          (event.type === "approval.asked" || event.type === "approval.answered") &&
          event.data.approvalId === approvalId,
      );
    if (known?.type !== "approval.answered") return undefined;
    return { outcome: known.data.outcome, message: known.data.message, seq: known.seq };
  }

  function settle(sessionId: SessionId): void {
    for (const waiter of waiters) {
      if (waiter.sessionId !== sessionId || isOpen(sessionId, waiter.approvalId)) continue;
      const verdict = findVerdict(sessionId, waiter.approvalId);
      waiters.delete(waiter);
      waiter.resolve(verdict ?? { outcome: "withdrawn", seq: 0 });
    }
  }

  function withdraw(sessionId: SessionId, approvalId: string): void {
    if (closed || !isOpen(sessionId, approvalId)) return;
    const reason = "The agent's command ended before you answered.";
    recorder.record(sessionId, (state) => withdrawApprovals(state, reason, [approvalId]));
    settle(sessionId);
  }

  /** Nobody waits for it just now. */
  function startGrace(sessionId: SessionId, approvalId: string): void {
    clearTimeout(graces.get(approvalId));
    const timer = setTimeout(() => {
      graces.delete(approvalId);
      try {
        if (!isAwaited(approvalId)) withdraw(sessionId, approvalId);
      } catch (error) {
        log.warn({ sessionId, error: messageOf(error) }, "a request that nobody waits for could not be withdrawn");
        startGrace(sessionId, approvalId);
      }
    }, graceMs);
    graces.set(approvalId, timer.unref());
  }

  function wait(sessionId: SessionId, approvalId: string, gone: AbortSignal): Promise<Verdict> {
    clearTimeout(graces.get(approvalId));
    graces.delete(approvalId);
    return new Promise((resolve) => {
      const waiter: Waiter = { sessionId, approvalId, resolve };
      waiters.add(waiter);
      const leave = (): void => {
        if (!waiters.delete(waiter)) return;
        if (!isAwaited(approvalId) && !closed) startGrace(sessionId, approvalId);
        resolve({ outcome: "withdrawn", seq: 0 });
      };
      if (gone.aborted) leave();
      else gone.addEventListener("abort", leave, { once: true });
    });
  }

  return {
    /**
     * Asks the user and waits for the answer. `requestId` and `subject` (what exactly is asked for) name the request:
     * the same ones again get the answer that was given, and an open request about the same subject is joined.
     * `gone` ends the waiting; the request stays open for a minute then.
     */
    async ask(
      request: { sessionId: SessionId; requestId: string; subject: string; gone: AbortSignal },
      describe: () => Promise<Omit<Approval, "approvalId">>,
    ): Promise<Verdict> {
      const { sessionId, requestId, subject, gone } = request;
      const about = hashOf(subject);
      const approvalId = `${about}-${hashOf(requestId)}`;
      const given = findVerdict(sessionId, approvalId);
      if (given && given.outcome !== "withdrawn") return given;
      const open = store
        .find(sessionId)
        ?.session.asking.approvals.find((one) => one.approvalId.startsWith(`${about}-`));
      if (open) return wait(sessionId, open.approvalId, gone);
      const approval = { approvalId, ...(await describe()) };
      recorder.record(sessionId, (state) => decideAsk(state, approval));
      return wait(sessionId, approvalId, gone);
    },

    /** The user's word. Throws `approval.not-open`. */
    answer(sessionId: SessionId, answer: ApprovalAnswer): Session {
      const { state } = recorder.record(sessionId, (now) => decideApproval(now, answer));
      settle(sessionId);
      return state.session;
    },

    /** Takes an open request back at once: its command was interrupted. */
    withdrawRequest(sessionId: SessionId, requestId: string): void {
      const suffix = `-${hashOf(requestId)}`;
      for (const { approvalId } of store.find(sessionId)?.session.asking.approvals ?? []) {
        if (approvalId.endsWith(suffix)) withdraw(sessionId, approvalId);
      }
    },

    /** Tells those who wait what became of their requests. Harmless at any time. */
    settle,

    /** At start: what was open waits for its command to come again. */
    recover(sessionIds: SessionId[]): void {
      for (const sessionId of sessionIds) {
        for (const { approvalId } of store.find(sessionId)?.session.asking.approvals ?? []) {
          startGrace(sessionId, approvalId);
        }
      }
    },

    close(): void {
      closed = true;
      for (const timer of graces.values()) clearTimeout(timer);
    },
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
