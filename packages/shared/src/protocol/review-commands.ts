import { z } from "zod";
import { CheckpointId, CommentId, JobId, PromptId } from "../ids.ts";
import { Job } from "../jobs/job.ts";
import { COMMENT_TEXT_LIMIT, DiffSide, LineRange, ReviewComment } from "../reviews/comment.ts";
import { Overlap } from "../reviews/overlap.ts";
import { Checkpoint, ModelId, Prompt, PromptMode, Session } from "../sessions/session.ts";

/** Bodies and answers of the routes around a review: comments, viewed files, going back, forking, discarding. */

const CommentText = z
  .string()
  .max(COMMENT_TEXT_LIMIT, "The comment is longer than 16,384 characters: shorten it.")
  .refine((text) => text.trim().length > 0, "The comment is empty: write what should be different.");

/** `POST /api/sessions/:id/comments`. The server reads the quoted lines itself. */
export const AddCommentBody = z.strictObject({
  id: CommentId.optional(),
  path: z.string().min(1).max(4096),
  side: DiffSide,
  lines: LineRange,
  at: z.union([CheckpointId, z.literal("base")]),
  text: CommentText,
});
export type AddCommentBody = z.infer<typeof AddCommentBody>;

/** `PATCH /api/sessions/:id/comments/:commentId`: text of a draft; `resolved` closes any, `sent` opens a closed one again. */
export const UpdateCommentBody = z
  .strictObject({ text: CommentText.optional(), status: z.enum(["resolved", "sent"]).optional() })
  .refine(({ text, status }) => text !== undefined || status !== undefined, "Give a text or a status.");
export type UpdateCommentBody = z.infer<typeof UpdateCommentBody>;

/**
 * `POST /api/sessions/:id/comments/send`: comments as one prompt, with a word of one's own before: all that were not sent
 * yet, or those named, which may be open ones that a turn left so.
 */
export const SendCommentsBody = z.strictObject({
  id: PromptId.optional(),
  commentIds: z.array(CommentId).min(1).max(200).optional(),
  message: z.string().max(COMMENT_TEXT_LIMIT).optional(),
  mode: PromptMode.optional(),
});
export type SendCommentsBody = z.infer<typeof SendCommentsBody>;

export const CommentAnswer = z.object({ comment: ReviewComment });
export const CommentsAnswer = z.object({ comments: z.array(ReviewComment) });
export const SentCommentsAnswer = z.object({ prompt: Prompt, comments: z.array(ReviewComment) });

/** `PUT /api/sessions/:id/viewed`: a mark holds for one content of the file (`blob`, null: deleted). */
export const MarkViewedBody = z.strictObject({
  path: z.string().min(1).max(4096),
  blob: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable(),
  viewed: z.boolean(),
});
export type MarkViewedBody = z.infer<typeof MarkViewedBody>;

/** `POST /api/sessions/:id/revert`: files and conversation as they were at the checkpoint, or at the beginning. */
export const RevertBody = z.strictObject({ checkpoint: z.union([CheckpointId, z.literal("base")]) });
export type RevertBody = z.infer<typeof RevertBody>;

/** `POST /api/sessions/:id/fork`: a new session that begins at the checkpoint (without one: the last). */
export const ForkBody = z.strictObject({
  id: z.string().max(100).optional(),
  checkpoint: CheckpointId.optional(),
  title: z.string().trim().min(1).max(200).optional(),
  model: ModelId.optional(),
  effort: z.string().max(40).nullable().optional(),
  prompt: z.string().max(131_072).optional(),
});
export type ForkBody = z.infer<typeof ForkBody>;

/**
 * `POST /api/sessions/:id/discard`: takes changes between two moments back, in the last checkpoint: whole files, or the
 * hunks whose `@@` headers are named. With an earlier checkpoint as `from`, a file is again as it was there, by the name it
 * had there or has now.
 */
export const DiscardBody = z.strictObject({
  id: JobId.optional(),
  from: z.union([CheckpointId, z.literal("base")]).default("base"),
  files: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(4096),
        /** The `@@ … @@` headers of the hunks, as the diff from `from` to the last checkpoint has them; absent: the whole file. */
        hunks: z.array(z.string().max(400)).min(1).max(1000).optional(),
      }),
    )
    .min(1)
    .max(5000),
});
export type DiscardBody = z.infer<typeof DiscardBody>;

/** `POST /api/sessions/:id/update-base`. A merge without conflicts is made at once; all else is given to the agent. */
export const UpdateBaseBody = z.strictObject({
  id: JobId.optional(),
  how: z.enum(["merge", "rebase"]).default("merge"),
});
export type UpdateBaseBody = z.infer<typeof UpdateBaseBody>;

/** `asked-agent`: the session's agent was given a prompt to do it; `up-to-date`: there was nothing to do. */
export const UpdateBaseAnswer = z.object({
  session: Session,
  outcome: z.enum(["merged", "up-to-date", "asked-agent"]),
  /** The prompt that asks the agent. */
  prompt: Prompt.nullable(),
});
export type UpdateBaseAnswer = z.infer<typeof UpdateBaseAnswer>;

/** `GET /api/sessions/:id/base`: the base branch as it is in the user's repository now. */
export const BaseAnswer = z.object({
  branch: z.string(),
  /** Where the session began. */
  commit: z.string(),
  /** The branch's tip; null where it is gone, or the base was a tag or a commit. */
  tip: z.string().nullable(),
  /** Commits on the branch that the session does not have. */
  behind: z.int().nonnegative(),
  /** Commits of the session that the branch does not have. */
  ahead: z.int().nonnegative(),
  /** Files at which a merge would stop. */
  conflicts: z.array(z.string()),
});
export type BaseAnswer = z.infer<typeof BaseAnswer>;

export const RestoredAnswer = z.object({ session: Session, checkpoint: Checkpoint.nullable() });
export const OverlapsAnswer = z.object({ overlaps: z.array(Overlap) });
export const JobAnswer = z.object({ job: Job });
export const JobsAnswer = z.object({ jobs: z.array(Job) });
