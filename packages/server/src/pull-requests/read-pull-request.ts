import type {
  CheckState,
  PullRequest,
  PullRequestCheck,
  PullRequestRemark,
} from "@background-agents/shared/pull-requests/pull-request";
import { z } from "zod";

/** What `gh pr view --json` is asked for. */
export const PULL_REQUEST_FIELDS =
  "number,url,title,state,isDraft,baseRefName,headRefName,statusCheckRollup,reviews,reviewDecision,comments";

const Author = z
  .object({ login: z.string().default("") })
  .nullish()
  .transform((author) => author?.login || "ghost");
const orEmpty = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

const GhCheck = z.object({
  name: Text,
  workflowName: Text,
  status: Text,
  conclusion: Text,
  detailsUrl: Text,
  context: Text,
  state: Text,
  targetUrl: Text,
});

const GhPullRequest = z.object({
  number: z.int().positive(),
  url: z.string(),
  title: z.string(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  isDraft: z.boolean(),
  baseRefName: z.string(),
  headRefName: z.string(),
  statusCheckRollup: orEmpty(GhCheck),
  reviews: orEmpty(z.object({ id: Text, author: Author, body: Text, state: Text, submittedAt: Text })),
  reviewDecision: Text,
  comments: orEmpty(z.object({ id: Text, author: Author, body: Text, createdAt: Text, url: Text })),
});

/** A comment on a line, as the REST API of the host gives it. */
const GhLineComment = z.object({
  id: z.number(),
  user: Author,
  body: Text,
  path: Text,
  line: z.int().nullish(),
  original_line: z.int().nullish(),
  html_url: Text,
  created_at: Text,
});

const BODY_LIMIT = 4000;
const REMARKS_LIMIT = 200;
const CHECKS_LIMIT = 200;

/** Reads gh's two answers: of `pr view`, and comments on lines, one as JSON a line. Throws where they are something else. */
export function readPullRequest(view: string, lineComments: string, refreshedAt: string): PullRequest {
  const pull = GhPullRequest.parse(JSON.parse(view));
  const lines = lineComments
    .split("\n")
    .filter(Boolean)
    .map((line) => GhLineComment.parse(JSON.parse(line)));
  const remarks = [
    ...pull.reviews.flatMap(reviewRemark),
    ...lines.map(lineRemark),
    ...pull.comments.map(({ id, author, body, createdAt, url }) => ({
      ...{ id: `comment-${id}`, author, body: body.slice(0, BODY_LIMIT), path: null, line: null, verdict: null },
      ...{ url: webUrl(url), createdAt },
    })),
  ];
  return {
    number: pull.number,
    url: pull.url,
    title: pull.title,
    state: STATES[pull.state],
    draft: pull.isDraft,
    base: pull.baseRefName,
    head: pull.headRefName,
    checks: pull.statusCheckRollup.slice(0, CHECKS_LIMIT).map(readCheck),
    remarks: remarks.sort((a, b) => a.createdAt.localeCompare(b.createdAt)).slice(-REMARKS_LIMIT),
    reviewDecision: DECISIONS[pull.reviewDecision] ?? null,
    refreshedAt,
    problem: null,
  };
}

const STATES = { OPEN: "open", CLOSED: "closed", MERGED: "merged" } as const;

const DECISIONS: Record<string, PullRequest["reviewDecision"]> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  REVIEW_REQUIRED: "review-required",
};

const VERDICTS: Record<string, PullRequestRemark["verdict"]> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
};

function reviewRemark(review: z.infer<typeof GhPullRequest>["reviews"][number]): PullRequestRemark[] {
  const verdict = VERDICTS[review.state];
  if (review.state === "PENDING" || (review.body === "" && verdict === undefined)) return [];
  return [
    {
      ...{ id: `review-${review.id}`, author: review.author, body: review.body.slice(0, BODY_LIMIT) },
      ...{ path: null, line: null, verdict: verdict ?? "commented", url: null, createdAt: review.submittedAt },
    },
  ];
}

function lineRemark(comment: z.infer<typeof GhLineComment>): PullRequestRemark {
  return {
    id: `line-${comment.id}`,
    author: comment.user,
    body: comment.body.slice(0, BODY_LIMIT),
    path: comment.path || null,
    line: comment.line ?? comment.original_line ?? null,
    verdict: null,
    url: webUrl(comment.html_url),
    createdAt: comment.created_at,
  };
}

function readCheck(check: z.infer<typeof GhCheck>): PullRequestCheck {
  const name = check.name || check.context || "check";
  return {
    name: (check.workflowName === "" ? name : `${check.workflowName} / ${name}`).slice(0, 200),
    state: stateOf(check),
    url: webUrl(check.detailsUrl || check.targetUrl),
  };
}

function stateOf(check: z.infer<typeof GhCheck>): CheckState {
  const word = (check.state || check.conclusion || "").toUpperCase();
  if (check.state === "" && check.status.toUpperCase() !== "COMPLETED") return "pending";
  if (["SUCCESS"].includes(word)) return "passed";
  if (["SKIPPED", "NEUTRAL", "STALE"].includes(word)) return "skipped";
  if (["PENDING", "EXPECTED", ""].includes(word)) return "pending";
  return "failed";
}

/** Hosts say what addresses their pages have; only those that open as pages are taken. */
function webUrl(url: string): string | null {
  return /^https?:\/\//.test(url) ? url : null;
}
