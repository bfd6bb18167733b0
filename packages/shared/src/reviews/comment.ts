import { z } from "zod";
import { CheckpointId, CommentId, PromptId, SessionId } from "../ids.ts";

/** Which side of a diff a line is on: as it was before, or as it is now. */
export const DiffSide = z.enum(["old", "new"]);
export type DiffSide = z.infer<typeof DiffSide>;

export const COMMENT_TEXT_LIMIT = 16_384;

/** Lines of one file, 1-based, both ends included. */
export const LineRange = z
  .object({ start: z.int().positive(), end: z.int().positive() })
  .refine(({ start, end }) => start <= end && end - start < 2000, "must run forward over at most 2000 lines");
export type LineRange = z.infer<typeof LineRange>;

/** Where a comment was made: lines of a file on one side of a diff between two moments of the session. */
export const CommentAnchor = z.object({
  path: z.string().min(1).max(4096),
  side: DiffSide,
  lines: LineRange,
  /** The moment whose file holds the lines: the diff's end for `new`, its beginning for `old`. `base` is where the session began. */
  at: z.union([CheckpointId, z.literal("base")]),
  /** The lines as they stood there, cut after 20. */
  quote: z.string().max(8000),
});
export type CommentAnchor = z.infer<typeof CommentAnchor>;

/**
 * - `draft`: written, not yet sent: only here it can be edited or removed.
 * - `sent`: the agent has it, and has not dealt with it yet.
 * - `addressed`: a later turn changed the lines.
 * - `answered`: the agent answered in words and left the lines as they were.
 * - `resolved`: the user closed it.
 */
export const CommentStatus = z.enum(["draft", "sent", "addressed", "answered", "resolved"]);
export type CommentStatus = z.infer<typeof CommentStatus>;

/** What dealt with a comment: the hunk that changed its lines, or the agent's words. */
export const CommentOutcome = z.object({
  checkpointId: CheckpointId.nullable(),
  promptId: PromptId.nullable(),
  /** The hunk, as a piece of a unified patch with its `@@` line; null where nothing was changed. */
  hunk: z.string().max(32_000).nullable(),
  /** The agent's answer; null where it gave none to this comment. */
  answer: z.string().max(16_384).nullable(),
});
export type CommentOutcome = z.infer<typeof CommentOutcome>;

/** A review as it was sent with a prompt: whose text is the same in words for the agent. */
export const SentReview = z.object({
  /** What the user wrote before the comments. */
  message: z.string().optional(),
  comments: z.array(
    z.object({
      path: z.string(),
      side: DiffSide,
      lines: LineRange,
      text: z.string(),
      /** The lines were no longer as they were when it was made. */
      outdated: z.boolean(),
    }),
  ),
});
export type SentReview = z.infer<typeof SentReview>;

/**
 * Whether an open comment can go to the agent now:
 *
 * - `next`: it goes with the review that is sent next: a draft, or one whose prompt was taken back.
 * - `again`: the agent had it, its turn is over and left it open; it goes only where it is named.
 */
export const Sendable = z.enum(["next", "again"]);
export type Sendable = z.infer<typeof Sendable>;

export const ReviewComment = z.object({
  id: CommentId,
  sessionId: SessionId,
  text: z.string(),
  status: CommentStatus,
  /** Absent: it is closed, or on its way to the agent. */
  sendable: Sendable.optional(),
  /** Where it was made; never changes. */
  anchor: CommentAnchor,
  /** Where those lines are in the last checkpoint; null where they are gone or were rewritten. */
  current: z.object({ path: z.string(), lines: LineRange }).nullable(),
  /** The prompt it went to the agent with; null while a draft. */
  promptId: PromptId.nullable(),
  outcome: CommentOutcome.nullable(),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
  closedAt: z.iso.datetime().nullable(),
});
export type ReviewComment = z.infer<typeof ReviewComment>;
