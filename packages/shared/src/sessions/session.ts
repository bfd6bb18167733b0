import { z } from "zod";
import { PermissionAsked, QuestionAsked } from "./asking.ts";
import { CheckpointId, PromptId, RepositoryId, SessionId, TurnId } from "../ids.ts";

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
  asking: z.object({ questions: z.array(QuestionAsked), permissions: z.array(PermissionAsked) }),
  /** What the session changed since its base, as of the last checkpoint; null before the first. */
  changes: ChangeCounts.nullable(),
  lastCheckpointId: CheckpointId.nullable(),
  publishedCommit: CommitId.nullable(),
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

export const Checkpoint = z.object({
  id: CheckpointId,
  sessionId: SessionId,
  turnId: TurnId,
  promptId: PromptId,
  commit: CommitId,
  /** Changes of the session's base up to this checkpoint. */
  changes: ChangeCounts,
  createdAt: z.iso.datetime(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export const FileStatus = z.enum(["added", "modified", "deleted", "renamed", "copied", "type-changed"]);
export type FileStatus = z.infer<typeof FileStatus>;

export const ChangedFile = z.object({
  path: z.string(),
  /** The former path of a renamed or copied file. */
  oldPath: z.string().optional(),
  status: FileStatus,
  additions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  binary: z.boolean(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;
