import { z } from "zod";
import { PermissionAsked, QuestionAsked } from "./asking.ts";
import { CheckpointId, PromptId, RepositoryId, SessionId, TurnId } from "../ids.ts";
import { BlockedHost, HostRule, NetworkMode } from "../egress/network.ts";
import { PullRequest } from "../pull-requests/pull-request.ts";
import { Overlap } from "../reviews/overlap.ts";
import { Budget, BudgetUse } from "../usage/budget.ts";
import { AgentPush, Approval } from "./approval.ts";
import { SetupState } from "./setup.ts";

export const SESSION_STATUSES = ["idle", "queued", "starting", "working", "waiting", "failed"] as const;
export const SessionStatus = z.enum(SESSION_STATUSES);
export type SessionStatus = z.infer<typeof SessionStatus>;

/** Where the session stands for the user: failed and waiting need you, unseen changes want review. */
export const ATTENTIONS = ["needs-you", "working", "review", "done"] as const;
export const Attention = z.enum(ATTENTIONS);
export type Attention = z.infer<typeof Attention>;

export const PromptStatus = z.enum([
  "queued",
  "starting",
  "running",
  "waiting",
  "steered",
  "completed",
  "failed",
  "interrupted",
  "cancelled",
]);
export type PromptStatus = z.infer<typeof PromptStatus>;

export const SandboxStatus = z.enum([
  "none",
  "queued",
  "creating",
  "booting",
  "ready",
  "stopping",
  "stopped",
  "failed",
]);
export type SandboxStatus = z.infer<typeof SandboxStatus>;

/** Named phases of a sandbox's boot, in order: the supervisor connects first. */
export const BOOT_PHASES = ["connect", "clone", "setup", "agent"] as const;
export const BootPhase = z.enum(BOOT_PHASES);
export type BootPhase = z.infer<typeof BootPhase>;

export const PromptMode = z.enum(["queue", "steer"]);
export type PromptMode = z.infer<typeof PromptMode>;

/** A model is named `<provider>/<model>`, e.g. `anthropic/claude-sonnet-4-5`; the model part may contain slashes. */
export const ModelId = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9-]*\/[^\s]+$/, "must look like provider/model");
export type ModelId = z.infer<typeof ModelId>;

export const CommitId = z.string().regex(/^[0-9a-f]{40}$/, "must be a full commit id");
export type CommitId = z.infer<typeof CommitId>;

export const PromptError = z.object({ code: z.string(), message: z.string() });
export type PromptError = z.infer<typeof PromptError>;

export const Prompt = z.object({
  id: PromptId,
  sessionId: SessionId,
  text: z.string(),
  mode: PromptMode,
  status: PromptStatus,
  model: ModelId,
  effort: z.string().nullable(),
  turnId: TurnId.nullable(),
  error: PromptError.nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type Prompt = z.infer<typeof Prompt>;

export const ChangeCounts = z.object({
  files: z.int().nonnegative(),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
});
export type ChangeCounts = z.infer<typeof ChangeCounts>;

export const UsageTotals = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Money as the catalogue's prices give it; 0 for models without a price. */
  costUsd: z.number().nonnegative(),
});
export type UsageTotals = z.infer<typeof UsageTotals>;

export const PublishMode = z.enum(["auto", "manual"]);
export type PublishMode = z.infer<typeof PublishMode>;

/** What keeps work from its branch: something about the branch or its work tree, or a secret in the work itself. */
export const PublishObstacle = z.enum(["branch", "secret"]);
export type PublishObstacle = z.infer<typeof PublishObstacle>;

/**
 * What the agent does without asking: everything inside its sandbox; everything but commands and edits; or reading
 * only. A guide for an honest agent: what is guaranteed is what the sandbox and the server enforce.
 */
export const PermissionMode = z.enum(["auto", "ask", "plan"]);
export type PermissionMode = z.infer<typeof PermissionMode>;

/** The last push of the session's branch to a remote. */
export const Push = z.object({
  remote: z.string(),
  /** The remote's address without credentials. */
  url: z.string(),
  branch: z.string(),
  commit: CommitId,
  at: z.iso.datetime(),
});
export type Push = z.infer<typeof Push>;

export const Session = z.object({
  id: SessionId,
  title: z.string(),
  repository: z.object({ id: RepositoryId, name: z.string(), path: z.string() }),
  baseBranch: z.string(),
  baseCommit: CommitId,
  /** The branch the work appears on in the user's repository: `agents/<slug>`, fixed at creation. */
  branch: z.string(),
  model: ModelId,
  effort: z.string().nullable(),
  status: SessionStatus,
  /** One human line: why the status is what it is. */
  statusReason: z.string(),
  attention: Attention,
  sandbox: z.object({
    status: SandboxStatus,
    phase: BootPhase.nullable(),
    reason: z.string().nullable(),
    logTail: z.string().nullable(),
  }),
  /** What the agent waits to hear from the user. */
  asking: z.object({
    questions: z.array(QuestionAsked),
    permissions: z.array(PermissionAsked),
    /** What it wants done outside of its sandbox. */
    approvals: z.array(Approval),
  }),
  /** Hosts it asked for and did not get, newest last; the agent does not wait for them. */
  blockedHosts: z.array(BlockedHost),
  /** What the session changed since its base, as of the last checkpoint; null before the first. */
  changes: ChangeCounts.nullable(),
  lastCheckpointId: CheckpointId.nullable(),
  /** The commit of the last checkpoint; null before the first. */
  lastCommit: CommitId.nullable(),
  publishedCommit: CommitId.nullable(),
  /** Whether the branch follows after each turn, or only when asked to. */
  publishMode: PublishMode,
  /** Why the last checkpoint is not on the branch in the user's repository; null where nothing is in the way. */
  publishConflict: z.string().nullable(),
  /** What kind of thing that is; null where nothing is in the way. */
  publishObstacle: PublishObstacle.nullable(),
  agentPush: AgentPush,
  permissionMode: PermissionMode,
  networkMode: NetworkMode,
  /** Hosts that this session alone may reach besides. */
  allowedHosts: z.array(HostRule),
  /** The session's own limits; null: those of its repository. */
  budget: Budget.nullable(),
  /** What the session is stopped by until it is raised; null: nothing. */
  budgetReached: BudgetUse.nullable(),
  /** Milliseconds of turns that ran. */
  workMs: z.number().nonnegative(),
  /** Names of the secrets that the agent was given at its last start. */
  secretNames: z.array(z.string()),
  /** The setup script's last run; null: there was none. */
  setup: SetupState.nullable(),
  /** The moment of another session that this one began from. */
  forkedFrom: z.object({ sessionId: SessionId, checkpointId: CheckpointId, title: z.string() }).nullable(),
  /** The checkpoint up to which the user has reviewed the changes. */
  lookedCheckpointId: CheckpointId.nullable(),
  /** Review comments that are drafts, or sent and not dealt with. */
  openComments: z.int().nonnegative(),
  /** Live sessions of the repository that touch the same lines. */
  overlaps: z.array(Overlap),
  push: Push.nullable(),
  pullRequest: PullRequest.nullable(),
  /** The work tree that "check out" made of the branch. */
  checkout: z.object({ path: z.string(), commit: CommitId }).nullable(),
  /** Ignored files of the user's work tree that were copied into the sandbox, by path. */
  copiedFiles: z.array(z.string()),
  usage: UsageTotals,
  lastSeq: z.int().nonnegative(),
  /** Up to where the user has looked at the session (a seq). */
  seenSeq: z.int().nonnegative(),
  archived: z.boolean(),
  deletedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  lastActivityAt: z.iso.datetime(),
});
export type Session = z.infer<typeof Session>;

/** A deleted session can be had back for so long; what is kept of it is purged then. */
export const DELETED_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** What made a checkpoint: the end of a turn; or the user, from outside the sandbox; or a push by the agent. */
export const CheckpointOrigin = z.enum(["turn", "fork", "discard", "base-update", "agent-push"]);
export type CheckpointOrigin = z.infer<typeof CheckpointOrigin>;

export const Checkpoint = z.object({
  id: CheckpointId,
  sessionId: SessionId,
  origin: CheckpointOrigin,
  /** Null where no turn made it. */
  turnId: TurnId.nullable(),
  promptId: PromptId.nullable(),
  /** The checkpoint that the work stood at before; null for the first. What this one changed is the difference to it. */
  parentId: CheckpointId.nullable(),
  commit: CommitId,
  /** Changes of the session's base up to this checkpoint. */
  changes: ChangeCounts,
  createdAt: z.iso.datetime(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** The working tree of the running turn, as a commit that nothing else refers to, and its totals from the base. */
export const LiveChanges = z.object({ commit: CommitId, turnId: TurnId, ...ChangeCounts.shape });
export type LiveChanges = z.infer<typeof LiveChanges>;

export const FileStatus = z.enum(["added", "modified", "deleted", "renamed", "copied", "type-changed"]);
export type FileStatus = z.infer<typeof FileStatus>;

export const ChangedFile = z.object({
  path: z.string(),
  /** The former path of a renamed or copied file. */
  oldPath: z.string().optional(),
  status: FileStatus,
  /** `link` is a symbolic link, `submodule` a commit of another repository. */
  kind: z.enum(["file", "link", "submodule"]).default("file"),
  /** File modes as git writes them; given where they differ. */
  oldMode: z.string().optional(),
  newMode: z.string().optional(),
  /** Git's ids of the two contents; null where there is none. */
  oldBlob: z.string().nullable().default(null),
  newBlob: z.string().nullable().default(null),
  /** The user marked the file as viewed, and it has not changed since. */
  viewed: z.boolean().default(false),
  /** Tools execute this file (CI, hooks, editor tasks, package scripts): why, in words. */
  executedBy: z.string().nullable().default(null),
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  binary: z.boolean(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;
