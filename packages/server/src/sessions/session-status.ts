import type { SessionEventData } from "@background-agents/shared/protocol/session-events";
import { permissionWords } from "@background-agents/shared/sessions/permission-words";
import type { Attention, BootPhase, Session, SessionStatus } from "@background-agents/shared/sessions/session";
import { budgetWords } from "@background-agents/shared/usage/budget";
import { activePrompt, isHeldByBudget, lastTurnPrompt, nextQueuedPrompt, type SessionState } from "./session-state.ts";

const PHASE_WORDS: Record<BootPhase, string> = {
  connect: "starting the container",
  clone: "making the working tree",
  setup: "setting up",
  agent: "waking the agent",
};

const QUEUE_REASONS = { limit: "as many sandboxes run as may", memory: "memory is short" } as const;

const ENGINE_WORDS = "The Docker engine does not answer";

/** For what a session waits, and where it stands. */
export type Queued = SessionEventData<"sandbox.queued">;

/** What a session that waits for a sandbox is told. */
export function queueWords({ reason, position, cause }: Queued): string {
  if (reason === "engine") {
    return `${ENGINE_WORDS}${cause === undefined ? "" : ` (${cause})`}: start it, and this goes on by itself.`;
  }
  return `place ${position} in the queue: ${QUEUE_REASONS[reason]}`;
}

/** Pure: it waits already, and is told as much. What the system says of an engine may change with each try. */
export function isTold({ status, reason }: Session["sandbox"], queued: Queued): boolean {
  if (status !== "queued") return false;
  return queued.reason === "engine" ? isOfEngine(reason) : reason === queueWords(queued);
}

const isOfEngine = (reason: string | null): boolean => reason?.startsWith(ENGINE_WORDS) ?? false;

/** Pure: what the session's status is and why, from its prompts and its sandbox. */
export function computeStatus(state: SessionState): {
  status: SessionStatus;
  statusReason: string;
  attention: Attention;
} {
  const { status, statusReason } = statusOf(state);
  return { status, statusReason, attention: attentionOf(state, status) };
}

function statusOf(state: SessionState): { status: SessionStatus; statusReason: string } {
  const active = activePrompt(state);
  if (active && active.status !== "starting") {
    const words = state.stopping
      ? (state.statusDetail ?? ["stopping", ...budgetReason(state)].join(": "))
      : (askingWords(state) ?? state.statusDetail ?? "working");
    const waits = active.status === "waiting" || state.session.asking.approvals.length > 0;
    return { status: waits ? "waiting" : "working", statusReason: words };
  }
  const [held] = budgetReason(state);
  if (held !== undefined && !active && nextQueuedPrompt(state)) return { status: "queued", statusReason: held };
  if (active || nextQueuedPrompt(state)) return statusBeforeTurn(state);

  // A command that the agent left running can ask although no turn runs.
  const asked = askingWords(state);
  if (asked !== undefined) return { status: "waiting", statusReason: asked };
  const last = lastTurnPrompt(state);
  if (!last) return { status: "idle", statusReason: "no prompt yet" };
  switch (last.status) {
    case "failed":
      return { status: "failed", statusReason: last.error?.message ?? "the last prompt failed" };
    case "interrupted":
      return { status: "idle", statusReason: held ?? "stopped by you" };
    default:
      return { status: "idle", statusReason: state.session.changes?.files ? changeWords(state) : "done, no changes" };
  }
}

function statusBeforeTurn(state: SessionState): { status: SessionStatus; statusReason: string } {
  const { sandbox } = state.session;
  switch (sandbox.status) {
    case "queued":
      return { status: "queued", statusReason: sandbox.reason ?? "waiting for a free place" };
    case "creating":
      return { status: "starting", statusReason: "starting: creating the container" };
    case "booting":
      return { status: "starting", statusReason: `starting: ${PHASE_WORDS[sandbox.phase ?? "connect"]}` };
    case "stopping":
      return { status: "starting", statusReason: "waiting for the old container to stop" };
    case "ready":
      return { status: "starting", statusReason: "handing the prompt to the agent" };
    default:
      return { status: "starting", statusReason: "starting" };
  }
}

/** What stopped the session and what to do, where a used-up budget did. */
function budgetReason({ session: { budgetReached } }: SessionState): string[] {
  return budgetReached ? [`budget reached: ${budgetWords(budgetReached)}`] : [];
}

function isAsking({ session: { asking } }: SessionState): boolean {
  return asking.questions.length + asking.permissions.length + asking.approvals.length > 0;
}

function askingWords({ session: { asking } }: SessionState): string | undefined {
  const [question] = asking.questions;
  if (question) return `question: ${question.questions[0]?.question ?? ""}`;
  const [permission] = asking.permissions;
  if (permission)
    return [`asks to ${permissionWords(permission.permission)}`, ...permission.patterns.slice(0, 1)].join(": ");
  const [approval] = asking.approvals;
  if (approval) return `asks for your approval: ${approval.summary}`;
  return undefined;
}

function changeWords(state: SessionState): string {
  const changes = state.session.changes;
  if (!changes) return "done";
  return `+${changes.additions} −${changes.deletions} · ${changes.files} ${changes.files === 1 ? "file" : "files"}`;
}

function attentionOf(state: SessionState, status: SessionStatus): Attention {
  if (status === "failed" || isAsking(state) || isHeldByBudget(state)) return "needs-you";
  // Nobody but the user starts the engine.
  if (status === "queued" && isOfEngine(state.session.sandbox.reason)) return "needs-you";
  if (status !== "idle") return "working";
  // A branch in the way is part of the review; a secret in the work must not wait for one.
  if (state.session.publishObstacle === "secret") return "needs-you";
  return state.checkpointSeq > state.session.seenSeq ? "review" : "done";
}
