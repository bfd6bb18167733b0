import { z } from "zod";
import { NetworkMode } from "../egress/network.ts";
import { CheckpointId, PromptId, RepositoryId, SessionId } from "../ids.ts";
import { OfferedModel } from "../models/catalogue.ts";
import { Branch, Repository } from "../repositories/repository.ts";
import {
  Attention,
  ChangedFile,
  ChangeCounts,
  Checkpoint,
  ModelId,
  PermissionMode,
  Prompt,
  PromptMode,
  PublishMode,
  Session,
  SessionStatus,
} from "../sessions/session.ts";
import { AgentPush } from "../sessions/approval.ts";
import { ERROR_CODE_LIST } from "./error-codes.ts";
import { PermissionReply, QuestionAnswers } from "../sessions/asking.ts";
import { Budget } from "../usage/budget.ts";
import { SessionEvent } from "./session-events.ts";

/** Bodies and answers of the REST API. Times are ISO 8601 UTC. */

export const PROMPT_TEXT_LIMIT = 131_072;

export const ErrorAnswer = z.object({
  error: z.object({ code: z.enum(ERROR_CODE_LIST), message: z.string(), details: z.unknown().optional() }),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

export const PromptText = z
  .string()
  .refine((text) => text.trim().length > 0, "The prompt is empty: write what the agent should do.")
  .refine(
    (text) => text.length <= PROMPT_TEXT_LIMIT,
    `The prompt is longer than ${PROMPT_TEXT_LIMIT.toLocaleString("en")} characters: put long material into a file of the repository and name it.`,
  );

export const SendPromptBody = z.strictObject({
  id: PromptId.optional(),
  text: PromptText,
  mode: PromptMode.optional(),
  model: ModelId.optional(),
  effort: z.string().max(40).nullable().optional(),
});
export type SendPromptBody = z.infer<typeof SendPromptBody>;

export const CreateSessionBody = z.strictObject({
  id: SessionId.optional(),
  /** A repository id, or the absolute path of a git top level under REPOS_DIR or registered. */
  repository: z.string().min(1).max(4096),
  /** A branch, a tag or a commit id; without it the repository's default branch. */
  baseBranch: z.string().min(1).max(250).optional(),
  model: ModelId.optional(),
  effort: z.string().max(40).nullable().optional(),
  title: z.string().trim().min(1).max(200).optional(),
  publishMode: PublishMode.optional(),
  agentPush: AgentPush.optional(),
  permissionMode: PermissionMode.optional(),
  networkMode: NetworkMode.optional(),
  /** Limits of its own; without them it has its repository's. */
  budget: Budget.optional(),
  prompt: z.strictObject({ id: PromptId.optional(), text: PromptText }).optional(),
});
export type CreateSessionBody = z.infer<typeof CreateSessionBody>;

export const UpdateSessionBody = z.strictObject({
  title: z.string().trim().min(1).max(200).optional(),
  model: ModelId.optional(),
  effort: z.string().max(40).nullable().optional(),
  publishMode: PublishMode.optional(),
  agentPush: AgentPush.optional(),
  permissionMode: PermissionMode.optional(),
  networkMode: NetworkMode.optional(),
  archived: z.boolean().optional(),
  /** The user has looked at everything up to this seq. */
  seenSeq: z.int().nonnegative().optional(),
  /** The user has reviewed the changes up to this checkpoint. */
  lookedCheckpointId: CheckpointId.optional(),
});
export type UpdateSessionBody = z.infer<typeof UpdateSessionBody>;

/** New text, or the waiting prompt before which this one should run (null: last), or both. */
export const UpdatePromptBody = z
  .strictObject({ text: PromptText.optional(), before: PromptId.nullable().optional() })
  .refine(({ text, before }) => text !== undefined || before !== undefined, "Give a text or a place.");
export type UpdatePromptBody = z.infer<typeof UpdatePromptBody>;

export const AnswerQuestionBody = z.strictObject({ answers: QuestionAnswers });
export type AnswerQuestionBody = z.infer<typeof AnswerQuestionBody>;

export const AnswerPermissionBody = z.strictObject({
  reply: PermissionReply,
  message: z.string().max(8000).optional(),
});
export type AnswerPermissionBody = z.infer<typeof AnswerPermissionBody>;

export const RegisterRepositoryBody = z.union([
  z.strictObject({ path: z.string().min(1).max(4096) }),
  z.strictObject({ url: z.string().min(1).max(2048) }),
]);
export type RegisterRepositoryBody = z.infer<typeof RegisterRepositoryBody>;

export const ListSessionsQuery = z.object({
  attention: Attention.optional(),
  status: SessionStatus.optional(),
  repository: RepositoryId.optional(),
  q: z.string().max(200).optional(),
  archived: z.stringbool().optional(),
  /** Those that are deleted and can be had back, archived or not. */
  deleted: z.stringbool().optional(),
  cursor: z.string().max(200).optional(),
});
export type ListSessionsQuery = z.infer<typeof ListSessionsQuery>;

export const ListEventsQuery = z.object({
  after: z.coerce.number().int().nonnegative().optional(),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
});

/**
 * A checkpoint id, or `base` (where the session began), `head` (its last checkpoint), `live` (the working tree while a
 * turn runs, the last checkpoint otherwise), `looked` (up to where the user has reviewed; `base` before that).
 */
export const DiffPoint = z.union([CheckpointId, z.enum(["base", "head", "live", "looked"])]);
export type DiffPoint = z.infer<typeof DiffPoint>;

export const ChangesQuery = z.object({ from: DiffPoint.default("base"), to: DiffPoint.default("head") });
export const DiffQuery = ChangesQuery.extend({
  path: z.string().min(1).max(4096).optional(),
  whitespace: z.enum(["show", "ignore"]).default("show"),
  /** Lines of context around each change; `all` for the whole file. */
  context: z.union([z.coerce.number().int().min(0).max(100), z.literal("all")]).default(3),
});
/** `GET /api/sessions/:id/content`: a file as it is at a moment, from git's objects; images with their media type. */
export const ContentQuery = z.object({ at: DiffPoint.default("head"), path: z.string().min(1).max(4096) });

/** `PATCH /api/repositories/:id`: which ignored files of the user's work tree a new session gets, as gitignore patterns. */
export const UpdateRepositoryBody = z.strictObject({
  copyPatterns: z.array(z.string().trim().min(1).max(500)).max(100),
});
export type UpdateRepositoryBody = z.infer<typeof UpdateRepositoryBody>;

/** `GET /api/repositories/:id/copied-files`: what a session made now would get, and what would stay out and why. */
export const CopiedFilesAnswer = z.object({
  /** The patterns set for the repository; those of its `.worktreeinclude` come on top. */
  copyPatterns: z.array(z.string()),
  includeFile: z.array(z.string()),
  files: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative() })),
  leftOut: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export type CopiedFilesAnswer = z.infer<typeof CopiedFilesAnswer>;

export const SessionAnswer = z.object({ session: Session });
export const PromptAnswer = z.object({ prompt: Prompt });
export const SessionDetailAnswer = z.object({ session: Session, prompts: z.array(Prompt) });
export const SessionsAnswer = z.object({ sessions: z.array(Session), nextCursor: z.string().nullable() });
export const EventsAnswer = z.object({ events: z.array(SessionEvent), lastSeq: z.int() });
export const CheckpointsAnswer = z.object({ checkpoints: z.array(Checkpoint) });
export const ChangesAnswer = z.object({ files: z.array(ChangedFile), totals: ChangeCounts });
export const RepositoriesAnswer = z.object({ repositories: z.array(Repository), reposDir: z.string() });
export const RepositoryAnswer = z.object({ repository: Repository });
export const BranchesAnswer = z.object({
  branches: z.array(Branch),
  defaultBranch: z.string().nullable(),
  /** The newest tags, at most 200. */
  tags: z.array(z.string()).default([]),
});
export const ModelsAnswer = z.object({ models: z.array(OfferedModel), default: ModelId });

/** What is on disk, in bytes. Where the engine does not tell, `workspaceBytes` is null. */
export const DiskAnswer = z.object({
  sessions: z.array(
    z.object({
      sessionId: SessionId,
      /** The session's volumes: working tree, caches, the agent's own data. */
      workspaceBytes: z.int().nonnegative().nullable(),
      /** Checkpoints and conversations kept by the server. */
      checkpointBytes: z.int().nonnegative(),
    }),
  ),
  mirrorsBytes: z.int().nonnegative(),
  databaseBytes: z.int().nonnegative(),
  blobsBytes: z.int().nonnegative(),
  /** Free on the disk of the data directory. */
  freeBytes: z.int().nonnegative(),
});
export type DiskAnswer = z.infer<typeof DiskAnswer>;

export const HealthAnswer = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  docker: z.object({
    status: z.enum(["ok", "unreachable"]),
    version: z.string().optional(),
    message: z.string().optional(),
  }),
  sandboxImage: z.object({ status: z.enum(["ok", "missing", "unknown"]), name: z.string() }),
  /** `mount`: the user's own git credentials are in every sandbox. The page warns of it. */
  gitCredentials: z.enum(["broker", "mount", "none"]).optional(),
  /** Where the agents' web applications are shown: listened to once the first is looked at. */
  previews: z
    .object({ status: z.enum(["idle", "ok", "unavailable"]), port: z.int(), message: z.string().optional() })
    .optional(),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;
