import type { EgressScope, NetworkMode } from "../egress/network.ts";
import type { CheckpointId, JobId, PromptId, TurnId } from "../ids.ts";
import type { JobError, JobKind, JobStatus } from "../jobs/job.ts";
import type { SandboxTask } from "../protocol/supervisor-frames.ts";
import type { SentReview } from "../reviews/comment.ts";
import type { Budget, BudgetSpent, BudgetUse } from "../usage/budget.ts";
import type { ApprovalOutcome } from "./approval.ts";
import type { PermissionReply, Question, QuestionAnswers } from "./asking.ts";
import type { OpenPart, SettledPart, Todo } from "./part.ts";
import type { PullRequestNews } from "./pull-request-news.ts";
import type {
  BootPhase,
  ChangeCounts,
  CheckpointOrigin,
  CommitId,
  ModelId,
  PermissionMode,
  PromptMode,
  Push,
} from "./session.ts";
import type { SetupState } from "./setup.ts";

/** What the timeline shows: turns in order, each with its prompt and its entries in order. */
export interface Timeline {
  turns: Turn[];
  /** Prompts that wait behind a running or waiting one; the composer shows them. */
  queued: TurnPrompt[];
}

export type TurnStatus =
  | "pending"
  | "starting"
  | "running"
  | "saving"
  | "stopping"
  | "completed"
  | "failed"
  | "interrupted";

export interface TurnPrompt {
  id: PromptId;
  text: string;
  mode: PromptMode;
  model: ModelId;
  effort: string | null;
  /** When it was sent, ISO 8601. */
  at: string;
  /** How many review comments it carries; absent for none. */
  comments?: number;
  /** The comments themselves, where they were told of and the text was not changed since. */
  review?: SentReview;
}

export interface Turn {
  /** The turn's own id once it has one, its prompt's before. */
  key: string;
  /** From 1, in the order of the timeline. */
  number: number;
  turnId: TurnId | null;
  prompt: TurnPrompt;
  status: TurnStatus;
  startedAt: string | null;
  endedAt: string | null;
  /** As the agent measured it; null while it runs and where it never said. */
  durationMs: number | null;
  usage: { inputTokens: number; outputTokens: number; costUsd: number } | null;
  /** What this turn alone changed. */
  changes: ChangeCounts | null;
  checkpointId: CheckpointId | null;
  /** The checklist as it last stood. */
  todos: Todo[] | null;
  /** Seq of the turn's newest event; 0 where nothing is stored yet. */
  lastSeq: number;
  /** The user went back to before it: neither its changes nor its words are part of the work as it stands. */
  setAside: boolean;
  entries: TimelineEntry[];
}

export interface BootPhaseEntry {
  phase: BootPhase;
  status: "waiting" | "running" | "done" | "failed";
  message: string | null;
}

export interface BootEntry {
  kind: "boot";
  key: string;
  status: "queued" | "creating" | "booting" | "ready" | "failed" | "stopped";
  /** Why it waits or failed. */
  reason: string | null;
  code: string | null;
  /** What the container is for; that of the setup script alone wakes no agent. */
  task: SandboxTask;
  logTail: string | null;
  phases: BootPhaseEntry[];
  bootMs: number | null;
}

export interface CheckpointEntry {
  kind: "checkpoint";
  key: string;
  checkpointId: CheckpointId;
  commit: CommitId;
  origin: CheckpointOrigin;
  /** From the session's base to here. */
  total: ChangeCounts;
  turn: ChangeCounts | null;
  published: { branch: string; commit: CommitId } | null;
  conflict: { branch: string; reason: string } | null;
}

/** The user brought the work to another state. */
export interface RestoredEntry {
  kind: "restored";
  key: string;
  reason: "revert" | "discard" | "base-update";
  /** The turn at whose end the work stands now; 0: where the session began; null: between turns. */
  turn: number | null;
  checkpointId: CheckpointId | null;
  previousCheckpointId: CheckpointId | null;
  /** What was discarded. */
  paths: string[];
  base: { branch: string; commit: CommitId } | null;
  /** What the agent knows went back too. */
  conversation: boolean;
  /** What this took back, right after it was done; null where it is something of its own. */
  undoes: Pick<RestoredEntry, "reason" | "paths" | "base"> | null;
  /** Nothing has changed the work since: going to the previous checkpoint undoes it. */
  isLast: boolean;
}

export interface JobEntry {
  kind: "job";
  key: string;
  jobId: JobId;
  job: JobKind;
  summary: string;
  status: JobStatus;
  result: string | null;
  error: JobError | null;
  outcome: JobOutcome | null;
}

/** Hosts that the sandbox asked for and did not get. */
export interface EgressEntry {
  kind: "egress";
  key: string;
  hosts: { host: string; port: number; reason: string; times: number }[];
}

/** A run of the repository's setup script. */
export interface SetupEntry extends Pick<
  SetupState,
  "status" | "exitCode" | "durationMs" | "logTail" | "apart" | "secretNames"
> {
  kind: "setup";
  key: string;
  source: "file" | "settings";
  /** The user asked for it. */
  again: boolean;
}

/** What came of a job, or of what the agent did by way of the server. */
export type JobOutcome =
  | { kind: "pushed"; push: Push }
  | { kind: "checked-out"; path: string }
  | { kind: "applied"; branch: string; how: "commits" | "squash" | "patch" }
  | { kind: "pull-request"; number: number; url: string };

export type PartEntry =
  | { kind: "part"; key: string; part: SettledPart; children: PartEntry[] }
  | { kind: "open-part"; key: string; part: OpenPart; children: PartEntry[] };

export type TimelineEntry =
  | PartEntry
  | BootEntry
  | CheckpointEntry
  | RestoredEntry
  | JobEntry
  | { kind: "outcome"; key: string; outcome: JobOutcome }
  | { kind: "pull-request"; key: string; number: number; url: string; title: string; news: PullRequestNews[] }
  /** Comments that were dealt with or reopened, together where they follow each other. */
  | { kind: "comments"; key: string; addressed: number; answered: number; resolved: number; reopened: number }
  /** `outcome` null: it waits for the user. */
  | {
      kind: "approval";
      key: string;
      approvalId: string;
      action: "push" | "pull-request";
      summary: string;
      outcome: ApprovalOutcome | null;
      message: string | null;
    }
  | { kind: "steered"; key: string; prompt: TurnPrompt }
  /** `answers` undefined: nobody has answered yet; null: the user would not. */
  | {
      kind: "question";
      key: string;
      questionId: string;
      questions: Question[];
      answers: QuestionAnswers | undefined;
    }
  | {
      kind: "permission";
      key: string;
      permissionId: string;
      permission: string;
      patterns: string[];
      reply: PermissionReply | null;
      message: string | null;
    }
  | { kind: "stop-escalated"; key: string; step: "restart-agent" | "restart-container"; afterMs: number }
  | { kind: "retry"; key: string; attempt: number; message: string; nextAt: string; at: string; over: boolean }
  | { kind: "notice"; key: string; level: "info" | "warning" | "error"; code: string; message: string }
  | EgressEntry
  | { kind: "egress-allowed"; key: string; host: string; port: number; scope: EgressScope }
  /** What this session alone may reach besides, whole. */
  | { kind: "egress-hosts"; key: string; hosts: string[] }
  /** The user changed what the session may; `from` null: what it was before was not told. */
  | { kind: "network-mode"; key: string; from: NetworkMode | null; to: NetworkMode }
  | { kind: "permission-mode"; key: string; from: PermissionMode | null; to: PermissionMode }
  /** A limit is nearly or all used; `spent` goes with one that is. */
  | { kind: "budget"; key: string; reached: boolean; use: BudgetUse; spent: BudgetSpent | null }
  /** `cause`: what stopped the session stops it no more, and its own limits are as they were. */
  | { kind: "budget-changed"; key: string; budget: Budget | null; cause: "settings" | "new-day" | null }
  | { kind: "secrets"; key: string; names: string[] }
  | SetupEntry
  | { kind: "sandbox-stopped"; key: string; reason: string }
  | { kind: "sandbox-failed"; key: string; code: string; reason: string; logTail: string }
  | { kind: "save-failed"; key: string; reason: string }
  | { kind: "error"; key: string; code: string; message: string }
  | { kind: "interrupted"; key: string; reason: string };
