import { z } from "zod";
import { EgressScope, HostRule, NetworkMode } from "../egress/network.ts";
import { BootId, CheckpointId, CommentId, JobId, PromptId, RepositoryId, SessionId, TurnId } from "../ids.ts";
import { JobError, JobKind } from "../jobs/job.ts";
import { PullRequest } from "../pull-requests/pull-request.ts";
import { CommentOutcome, ReviewComment, SentReview } from "../reviews/comment.ts";
import { SecretAudience } from "../secrets/secret.ts";
import { AgentPush, Approval, ApprovalOutcome } from "../sessions/approval.ts";
import { PermissionAsked, PermissionReply, QuestionAnswers, QuestionAsked } from "../sessions/asking.ts";
import {
  BootPhase,
  ChangeCounts,
  CheckpointOrigin,
  CommitId,
  ModelId,
  PermissionMode,
  PromptMode,
  PublishMode,
  PublishObstacle,
  Push,
} from "../sessions/session.ts";
import { SettledPart, Todo } from "../sessions/part.ts";
import { SetupOutcome } from "../sessions/setup.ts";
import { Budget, BudgetSpent, BudgetUse } from "../usage/budget.ts";
import { SandboxTask } from "./supervisor-frames.ts";

/**
 * Every stored event, by type, with the shape of its `data`. Events are facts in the past tense, kept for ever and
 * readable alone. Add types and optional fields freely; a field that changes meaning takes a new `v` and an upcaster.
 */
export const SESSION_EVENT_DATA = {
  "session.created": z.object({
    title: z.string(),
    repository: z.object({ id: RepositoryId, name: z.string(), path: z.string() }),
    baseBranch: z.string(),
    baseCommit: CommitId,
    branch: z.string(),
    model: ModelId,
    effort: z.string().nullable(),
    publishMode: PublishMode.optional(),
    agentPush: AgentPush.optional(),
    permissionMode: PermissionMode.optional(),
    networkMode: NetworkMode.optional(),
    /** The session's own limits; absent: those of its repository. */
    budget: Budget.optional(),
    forkedFrom: z.object({ sessionId: SessionId, checkpointId: CheckpointId, title: z.string() }).optional(),
    /** Ignored files of the user's work tree that go into the sandbox, by path. */
    copiedFiles: z.array(z.string()).optional(),
  }),
  "session.renamed": z.object({ title: z.string() }),
  /** The settings that were changed, and `model` with `effort` always. */
  "session.configured": z.object({
    model: ModelId,
    effort: z.string().nullable(),
    publishMode: PublishMode.optional(),
    agentPush: AgentPush.optional(),
    permissionMode: PermissionMode.optional(),
    networkMode: NetworkMode.optional(),
  }),
  "session.archived": z.object({}),
  "session.unarchived": z.object({}),
  "session.deleted": z.object({}),
  "session.restored": z.object({}),
  /** Container, volumes and checkpoints are gone, some time after the deletion; nothing can be restored any more. */
  "session.purged": z.object({}),

  /** `engine`: it does not answer; `cause`: what the system says of it. */
  "sandbox.queued": z.object({
    reason: z.enum(["memory", "limit", "engine"]),
    position: z.int().positive(),
    cause: z.string().optional(),
  }),
  /** `task`: absent for the agent's own container. */
  "sandbox.creating": z.object({ boot: BootId, task: SandboxTask.optional() }),
  "sandbox.booting": z.object({ boot: BootId, phase: BootPhase, message: z.string().optional() }),
  "sandbox.ready": z.object({ boot: BootId, opencodeVersion: z.string(), bootMs: z.number().optional() }),
  "sandbox.stopping": z.object({ reason: z.string() }),
  "sandbox.stopped": z.object({ reason: z.string(), exitCode: z.int().nullable() }),
  "sandbox.failed": z.object({ code: z.string(), reason: z.string(), logTail: z.string() }),

  "prompt.queued": z.object({ text: z.string(), mode: PromptMode, model: ModelId, effort: z.string().nullable() }),
  "prompt.edited": z.object({ text: z.string() }),
  "prompt.starting": z.object({}),
  "prompt.started": z.object({ messageId: z.string() }),
  /** The agent is done; its work is being committed and brought to the host. */
  "prompt.saving": z.object({}),
  /** The user asked for a stop; the agent is being interrupted. */
  "prompt.stopping": z.object({}),
  "prompt.completed": z.object({ durationMs: z.number(), checkpointId: CheckpointId.nullable() }),
  "prompt.failed": z.object({ code: z.string(), message: z.string() }),
  "prompt.interrupted": z.object({ reason: z.string() }),
  "prompt.cancelled": z.object({}),
  /** The waiting prompts, in their new order. */
  "prompt.reordered": z.object({ order: z.array(PromptId) }),
  /** The prompt went into the running turn and is answered by it. */
  "prompt.steered": z.object({}),

  "question.asked": QuestionAsked,
  /** `answers` null: the user would not answer, or nobody could any more. */
  "question.answered": z.object({ questionId: z.string(), answers: QuestionAnswers }),
  "permission.asked": PermissionAsked,
  "permission.answered": z.object({
    permissionId: z.string(),
    reply: PermissionReply,
    message: z.string().optional(),
  }),
  /** A stop took more than asking: what was done next, and how long after the request. */
  "stop.escalated": z.object({ step: z.enum(["restart-agent", "restart-container"]), afterMs: z.number() }),

  "part.settled": SettledPart,
  "todo.updated": z.object({ todos: z.array(Todo) }),
  "retry.scheduled": z.object({ attempt: z.int(), message: z.string(), nextAt: z.iso.datetime() }),

  "checkpoint.created": z.object({
    checkpointId: CheckpointId,
    commit: CommitId,
    /** Totals from the session's base to this checkpoint. */
    ...ChangeCounts.shape,
    /** What this turn alone changed. */
    turn: ChangeCounts.optional(),
    /** Absent: the end of a turn. */
    origin: CheckpointOrigin.optional(),
  }),
  "checkpoint.failed": z.object({ reason: z.string() }),
  /**
   * The user brought the work (and, with `conversation`, what the agent knows) to another state: an earlier or later
   * checkpoint, or a new one made from the last. `generation` counts these; a sandbox with a lower one follows.
   */
  "work.restored": z.object({
    reason: z.enum(["revert", "discard", "base-update"]),
    /** Null: where the session began. */
    checkpointId: CheckpointId.nullable(),
    commit: CommitId,
    /** Where the work stood: going back there undoes this. */
    previousCheckpointId: CheckpointId.nullable(),
    generation: z.int().positive(),
    conversation: z.boolean(),
    /** Totals from the session's base. */
    ...ChangeCounts.shape,
    /** What was discarded: files, or hunks of files. */
    paths: z.array(z.string()).optional(),
    /** The base that the session now stands on. */
    base: z.object({ branch: z.string(), commit: CommitId }).optional(),
  }),
  /** `followed`: the work tree that check-out made of the branch, which went along. */
  "branch.published": z.object({ branch: z.string(), commit: CommitId, followed: z.string().optional() }),
  "branch.conflicted": z.object({ branch: z.string(), reason: z.string(), obstacle: PublishObstacle.optional() }),

  "comment.added": z.object({ comment: ReviewComment }),
  "comment.edited": z.object({ commentId: CommentId, text: z.string() }),
  /** A draft was thrown away. */
  "comment.removed": z.object({ commentId: CommentId }),
  /** `review`: what the prompt carries, piece by piece. */
  "comment.sent": z.object({ commentIds: z.array(CommentId), review: SentReview.optional() }),
  "comment.resolved": z.object({
    commentId: CommentId,
    status: z.enum(["addressed", "answered", "resolved"]),
    outcome: CommentOutcome.nullable(),
  }),
  "comment.reopened": z.object({ commentId: CommentId }),

  "job.started": z.object({ jobId: JobId, kind: JobKind, summary: z.string() }),
  "job.succeeded": z.object({ jobId: JobId, kind: JobKind, result: z.string() }),
  "job.failed": z.object({ jobId: JobId, kind: JobKind, error: JobError }),
  "branch.pushed": z.object({ push: Push }),
  "pull-request.updated": z.object({ pullRequest: PullRequest }),
  "branch.checked-out": z.object({ path: z.string(), commit: CommitId }),
  /** The work tree that check-out made is gone; the branch is not. */
  "branch.checkout-removed": z.object({ path: z.string() }),
  "branch.applied": z.object({ branch: z.string(), how: z.enum(["commits", "squash", "patch"]), commit: CommitId }),
  "approval.asked": Approval,
  "approval.answered": z.object({ approvalId: z.string(), outcome: ApprovalOutcome, message: z.string().optional() }),

  "usage.recorded": z.object({
    model: ModelId,
    inputTokens: z.int(),
    outputTokens: z.int(),
    cacheReadTokens: z.int(),
    cacheWriteTokens: z.int(),
    costUsd: z.number(),
  }),
  /** With `requestId` the user can answer it. `times`: how often it was asked for since it was last written down. */
  "egress.blocked": z.object({
    host: z.string(),
    port: z.int(),
    reason: z.string(),
    requestId: z.string().optional(),
    allowable: z.boolean().optional(),
    times: z.int().positive().optional(),
  }),
  "egress.allowed": z.object({ requestId: z.string().optional(), host: z.string(), port: z.int(), scope: EgressScope }),
  /** The user put the card away. */
  "egress.dismissed": z.object({ requestId: z.string() }),
  /** What this session alone may reach besides, whole. */
  "egress.configured": z.object({ hosts: z.array(HostRule) }),

  "budget.warned": BudgetUse,
  /** No more is asked of a model until the limit is raised; the running turn is stopped in good order. `spent`: by whom the limit is for. */
  "budget.reached": BudgetUse.extend({ spent: BudgetSpent.optional() }),
  /** The session's own limits from here on; null: those of its repository. */
  "budget.changed": z.object({
    budget: Budget.nullable(),
    /** What stopped the session stops it no more, and its own limits are as they were: why. */
    cause: z.enum(["settings", "new-day"]).optional(),
  }),

  /** Names of the secrets that the agent's processes were given; with `audience` setup: that the setup script was. */
  "secrets.given": z.object({ names: z.array(z.string()), audience: SecretAudience.optional() }),

  /** `apart`: in a container of its own. One that the user asked for `again` is recorded before that is made. */
  "setup.started": z.object({
    source: z.enum(["file", "settings"]),
    again: z.boolean().optional(),
    apart: z.boolean().optional(),
  }),
  "setup.ended": z.object({
    outcome: SetupOutcome,
    exitCode: z.int().nullable(),
    durationMs: z.number().nonnegative(),
    logTail: z.string(),
  }),
  "notice.raised": z.object({ level: z.enum(["info", "warning", "error"]), code: z.string(), message: z.string() }),
} as const;

export type SessionEventType = keyof typeof SESSION_EVENT_DATA;
export type SessionEventData<T extends SessionEventType> = z.infer<(typeof SESSION_EVENT_DATA)[T]>;

export const SESSION_EVENT_TYPES = Object.keys(SESSION_EVENT_DATA) as [SessionEventType, ...SessionEventType[]];

export const Actor = z.enum(["user", "agent", "server"]);
export type Actor = z.infer<typeof Actor>;

const envelope = {
  /** Contiguous from 1 within a session. */
  seq: z.int().positive(),
  /** Version of the data's shape. */
  v: z.int().positive(),
  at: z.iso.datetime(),
  actor: Actor,
  turnId: TurnId.optional(),
  promptId: PromptId.optional(),
};

type Envelope<T extends SessionEventType> = {
  seq: number;
  v: number;
  at: string;
  actor: Actor;
  turnId?: TurnId | undefined;
  promptId?: PromptId | undefined;
  type: T;
  data: SessionEventData<T>;
};

/** A stored event: the envelope and, by `type`, its data. */
export type SessionEvent = { [T in SessionEventType]: Envelope<T> }[SessionEventType];

const eventSchemas = SESSION_EVENT_TYPES.map((type) =>
  z.object({ ...envelope, type: z.literal(type), data: SESSION_EVENT_DATA[type] }),
);

export const SessionEvent = z.discriminatedUnion(
  "type",
  eventSchemas as [(typeof eventSchemas)[number], ...(typeof eventSchemas)[number][]],
) as z.ZodType<SessionEvent>;

/** An event that is not stored yet: no seq, no time. */
export type NewSessionEvent = {
  [T in SessionEventType]: {
    type: T;
    data: SessionEventData<T>;
    actor: Actor;
    turnId?: TurnId | undefined;
    promptId?: PromptId | undefined;
  };
}[SessionEventType];
