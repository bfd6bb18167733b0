import { z } from "zod";

export const CheckState = z.enum(["pending", "passed", "failed", "skipped"]);
export type CheckState = z.infer<typeof CheckState>;

export const PullRequestCheck = z.object({
  name: z.string(),
  state: CheckState,
  url: z.string().nullable(),
});
export type PullRequestCheck = z.infer<typeof PullRequestCheck>;

/** A remark on the pull request: a review's summary, a comment on a line, or a comment on the whole. */
export const PullRequestRemark = z.object({
  /** Unique within the pull request, by kind and number: `review-1`, `line-2`, `comment-3`. */
  id: z.string(),
  author: z.string(),
  body: z.string(),
  path: z.string().nullable(),
  line: z.int().nullable(),
  /** For the summary of a review: what it decided. */
  verdict: z.enum(["approved", "changes-requested", "commented"]).nullable(),
  url: z.string().nullable(),
  createdAt: z.string(),
});
export type PullRequestRemark = z.infer<typeof PullRequestRemark>;

/** What the host of the repository says of the session's pull request, as of `refreshedAt`. */
export const PullRequest = z.object({
  number: z.int().positive(),
  url: z.string(),
  title: z.string(),
  state: z.enum(["open", "closed", "merged"]),
  draft: z.boolean(),
  base: z.string(),
  head: z.string(),
  checks: z.array(PullRequestCheck),
  remarks: z.array(PullRequestRemark),
  reviewDecision: z.enum(["approved", "changes-requested", "review-required"]).nullable(),
  refreshedAt: z.iso.datetime(),
  /** Why the last look failed; the rest is then of an earlier look. */
  problem: z.string().nullable(),
});
export type PullRequest = z.infer<typeof PullRequest>;
