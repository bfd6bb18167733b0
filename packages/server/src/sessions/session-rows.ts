import type { Prompt, Session } from "@background-agents/shared/sessions/session";
import { DETAILS, INITIAL_DETAILS, type Details } from "./session-details.ts";
import type { SessionState } from "./session-state.ts";

/** Rows of `sessions` and `prompts`, and the way between them and the state. */

export interface SessionRow {
  id: string;
  title: string;
  repository_id: string;
  repository_name: string;
  repository_path: string;
  base_branch: string;
  base_commit: string;
  branch: string;
  model: string;
  effort: string | null;
  status: string;
  status_reason: string;
  status_detail: string | null;
  stopping: number;
  attention: string;
  asking: string;
  sandbox_status: string;
  sandbox_phase: string | null;
  sandbox_reason: string | null;
  sandbox_log_tail: string | null;
  sandbox_boot: string | null;
  changed_files: number | null;
  additions: number | null;
  deletions: number | null;
  last_checkpoint_id: string | null;
  last_commit: string | null;
  checkpoint_seq: number;
  published_commit: string | null;
  publish_conflict: string | null;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
  last_seq: number;
  seen_seq: number;
  archived: number;
  deleted_at: string | null;
  purged_at: string | null;
  created_at: string;
  last_activity_at: string;
  /** What no query filters by, as JSON. */
  details: string;
  generation: number;
  restored: string | null;
}

type MachineDetails = Pick<SessionState, "queuedSince" | "runningSince" | "budgetWarnings" | "task">;

export interface PromptRow {
  id: string;
  session_id: string;
  text: string;
  mode: string;
  status: string;
  model: string;
  effort: string | null;
  turn_id: string | null;
  error_code: string | null;
  error_message: string | null;
  position: number;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

// The rows were written from validated values, so their strings are taken for what they were.
export function toSession(row: SessionRow): Session {
  const session: { [K in keyof Session]: unknown } = {
    id: row.id,
    title: row.title,
    repository: { id: row.repository_id, name: row.repository_name, path: row.repository_path },
    baseBranch: row.base_branch,
    baseCommit: row.base_commit,
    branch: row.branch,
    model: row.model,
    effort: row.effort,
    status: row.status,
    statusReason: row.status_reason,
    attention: row.attention,
    // Rows of older servers have no approvals.
    asking: { approvals: [], ...(JSON.parse(row.asking) as object) },
    sandbox: {
      status: row.sandbox_status,
      phase: row.sandbox_phase,
      reason: row.sandbox_reason,
      logTail: row.sandbox_log_tail,
    },
    changes:
      row.changed_files === null
        ? null
        : { files: row.changed_files, additions: row.additions ?? 0, deletions: row.deletions ?? 0 },
    lastCheckpointId: row.last_checkpoint_id,
    lastCommit: row.last_commit,
    publishedCommit: row.published_commit,
    publishConflict: row.publish_conflict,
    ...INITIAL_DETAILS,
    ...readDetails(row).details,
    usage: { inputTokens: row.input_tokens, outputTokens: row.output_tokens, costUsd: row.cost_usd },
    lastSeq: row.last_seq,
    seenSeq: row.seen_seq,
    archived: row.archived === 1,
    deletedAt: row.deleted_at,
    createdAt: row.created_at,
    lastActivityAt: row.last_activity_at,
  };
  return session as Session;
}

export function toPrompt(row: PromptRow): Prompt {
  const prompt: { [K in keyof Prompt]: unknown } = {
    id: row.id,
    sessionId: row.session_id,
    text: row.text,
    mode: row.mode,
    status: row.status,
    model: row.model,
    effort: row.effort,
    turnId: row.turn_id,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? "" },
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
  return prompt as Prompt;
}

export function toState(row: SessionRow, prompts: PromptRow[]): SessionState {
  return {
    session: toSession(row),
    prompts: prompts.map(toPrompt),
    boot: row.sandbox_boot as SessionState["boot"],
    statusDetail: row.status_detail,
    stopping: row.stopping === 1,
    checkpointSeq: row.checkpoint_seq,
    generation: row.generation,
    restored: row.restored === null ? null : (JSON.parse(row.restored) as SessionState["restored"]),
    ...{ queuedSince: null, runningSince: null, budgetWarnings: [], task: null, ...readDetails(row).machine },
    purgedAt: row.purged_at,
  };
}

/** What the machine alone needs stands beside the details, under a name of its own. */
function readDetails(row: SessionRow): { details: Partial<Details>; machine: Partial<MachineDetails> } {
  const { machine = {}, ...details } = JSON.parse(row.details) as Partial<Details> & {
    machine?: Partial<MachineDetails>;
  };
  return { details, machine };
}

function machineDetails({ queuedSince, runningSince, budgetWarnings, task }: SessionState): MachineDetails {
  return { queuedSince, runningSince, budgetWarnings, task };
}

export function toSessionRow(state: SessionState): SessionRow {
  const { session } = state;
  return {
    id: session.id,
    title: session.title,
    repository_id: session.repository.id,
    repository_name: session.repository.name,
    repository_path: session.repository.path,
    base_branch: session.baseBranch,
    base_commit: session.baseCommit,
    branch: session.branch,
    model: session.model,
    effort: session.effort,
    status: session.status,
    status_reason: session.statusReason,
    status_detail: state.statusDetail,
    stopping: state.stopping ? 1 : 0,
    attention: session.attention,
    asking: JSON.stringify(session.asking),
    sandbox_status: session.sandbox.status,
    sandbox_phase: session.sandbox.phase,
    sandbox_reason: session.sandbox.reason,
    sandbox_log_tail: session.sandbox.logTail,
    sandbox_boot: state.boot,
    changed_files: session.changes?.files ?? null,
    additions: session.changes?.additions ?? null,
    deletions: session.changes?.deletions ?? null,
    last_checkpoint_id: session.lastCheckpointId,
    last_commit: session.lastCommit,
    checkpoint_seq: state.checkpointSeq,
    published_commit: session.publishedCommit,
    publish_conflict: session.publishConflict,
    input_tokens: session.usage.inputTokens,
    output_tokens: session.usage.outputTokens,
    cost_usd: session.usage.costUsd,
    last_seq: session.lastSeq,
    seen_seq: session.seenSeq,
    archived: session.archived ? 1 : 0,
    deleted_at: session.deletedAt,
    purged_at: state.purgedAt,
    created_at: session.createdAt,
    last_activity_at: session.lastActivityAt,
    details: JSON.stringify({
      ...Object.fromEntries(DETAILS.map((name) => [name, session[name]])),
      machine: machineDetails(state),
    }),
    generation: state.generation,
    restored: state.restored && JSON.stringify(state.restored),
  };
}

export function toPromptRow(prompt: Prompt, position: number): PromptRow {
  return {
    id: prompt.id,
    session_id: prompt.sessionId,
    text: prompt.text,
    mode: prompt.mode,
    status: prompt.status,
    model: prompt.model,
    effort: prompt.effort,
    turn_id: prompt.turnId,
    error_code: prompt.error?.code ?? null,
    error_message: prompt.error?.message ?? null,
    position,
    created_at: prompt.createdAt,
    started_at: prompt.startedAt,
    ended_at: prompt.endedAt,
  };
}
