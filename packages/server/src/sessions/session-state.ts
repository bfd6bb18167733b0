import type { BootId } from "@background-agents/shared/ids";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import type { SandboxTask } from "@background-agents/shared/protocol/supervisor-frames";
import type { BudgetUse } from "@background-agents/shared/usage/budget";
import type { RestoredWork } from "./restored-work.ts";

/** A session as the machine sees it: what the API shows plus what only the server needs. */
export interface SessionState {
  session: Session;
  /** Prompts that have not ended, in the order they run, and the last one that has. */
  prompts: Prompt[];
  boot: BootId | null;
  /** What the last boot was for; null before the first, and of boots of older servers, which were the agent's. */
  task: SandboxTask | null;
  /** What the agent is busy with, in words, where the server was told. */
  statusDetail: string | null;
  stopping: boolean;
  /** seq of the last checkpoint that changed something. */
  checkpointSeq: number;
  /** How many times the user brought the work to another state. */
  generation: number;
  /** That state, which a workspace of a lower generation goes to; null where there was none. */
  restored: RestoredWork | null;
  /** Since when it waits for a sandbox, in ISO 8601; null where it does not. */
  queuedSince: string | null;
  /** Since when its turn runs, in ISO 8601; null while none does, or while it waits for the user. */
  runningSince: string | null;
  /** What was warned of, newest last. */
  budgetWarnings: (BudgetUse & { at: string })[];
  /** Since when nothing is kept of the deleted session but its row and its events. */
  purgedAt: string | null;
}

const ENDED = new Set<Prompt["status"]>(["completed", "failed", "interrupted", "cancelled", "steered"]);
const ACTIVE = new Set<Prompt["status"]>(["starting", "running", "waiting"]);

export function hasEnded(prompt: Prompt): boolean {
  return ENDED.has(prompt.status);
}

/** The prompt whose turn ended last; cancelled and steered ones had none. */
export function lastTurnPrompt(state: SessionState): Prompt | undefined {
  const ended = state.prompts.filter((prompt) => ["completed", "failed", "interrupted"].includes(prompt.status));
  return ended.reduce<Prompt | undefined>(
    (last, prompt) => (last && (last.endedAt ?? "") > (prompt.endedAt ?? "") ? last : prompt),
    undefined,
  );
}

/** The prompt whose turn is under way. */
export function activePrompt(state: SessionState): Prompt | undefined {
  return state.prompts.find((prompt) => ACTIVE.has(prompt.status));
}

/** Something was asked that a used-up budget keeps from going on. */
export function isHeldByBudget(state: SessionState): boolean {
  if (state.session.budgetReached === null || activePrompt(state)) return false;
  return nextQueuedPrompt(state) !== undefined || lastTurnPrompt(state)?.status === "interrupted";
}

export function nextQueuedPrompt(state: SessionState): Prompt | undefined {
  return state.prompts.find((prompt) => prompt.status === "queued");
}
