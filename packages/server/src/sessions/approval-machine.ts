import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Approval } from "@background-agents/shared/sessions/approval";
import { AppError } from "../lib/app-error.ts";
import { idsOf } from "./prompt-endings.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

/** What the agent may have open at once: more would be a way to bury one question under others. */
const OPEN_LIMIT = 8;

export interface ApprovalAnswer {
  approvalId: string;
  allow: boolean;
  /** The session decides so by itself from here on. */
  remember?: boolean | undefined;
  message?: string | undefined;
}

const isOpen = (state: SessionState, approvalId: string): boolean =>
  state.session.asking.approvals.some((approval) => approval.approvalId === approvalId);

/** Pure: asks the user. One that is open already is not asked twice. */
export function decideAsk(state: SessionState, approval: Approval): NewSessionEvent[] {
  if (isOpen(state, approval.approvalId)) return [];
  if (state.session.asking.approvals.length >= OPEN_LIMIT) {
    throw new AppError("session.busy", `${OPEN_LIMIT} requests wait for the user already: wait for an answer first.`);
  }
  return [{ type: "approval.asked", actor: "agent", ...turnOf(state), data: approval }];
}

/** Pure: the user's word. Throws `approval.not-open` where nobody waits for it any more. */
export function decideApproval(state: SessionState, answer: ApprovalAnswer): NewSessionEvent[] {
  const { approvalId, allow, remember, message } = answer;
  const { session } = state;
  if (!isOpen(state, approvalId)) {
    throw new AppError("approval.not-open", "This is not asked any more: it was answered, or the agent took it back.");
  }
  const outcome = allow ? ("allowed" as const) : ("refused" as const);
  const data = { approvalId, outcome, ...(message === undefined ? {} : { message }) };
  const events: NewSessionEvent[] = [{ type: "approval.answered", actor: "user", ...turnOf(state), data }];
  const agentPush = allow ? "auto" : "never";
  if (remember && session.agentPush !== agentPush) {
    const { model, effort } = session;
    events.push({ type: "session.configured", actor: "user", data: { model, effort, agentPush } });
  }
  return events;
}

/** Pure: nobody waits for these any more; all that are open where none are named. */
export function withdrawApprovals(state: SessionState, reason: string, approvalIds?: string[]): NewSessionEvent[] {
  return state.session.asking.approvals
    .filter(({ approvalId }) => approvalIds === undefined || approvalIds.includes(approvalId))
    .map(({ approvalId }) => ({
      type: "approval.answered",
      actor: "server",
      ...turnOf(state),
      data: { approvalId, outcome: "withdrawn", message: reason },
    }));
}

function turnOf(state: SessionState) {
  const active = activePrompt(state);
  return active ? idsOf(active) : {};
}
