import { z } from "zod";
import { JobId, PromptId } from "../ids.ts";
import { PullRequest } from "../pull-requests/pull-request.ts";
import { CommitId, PromptMode } from "../sessions/session.ts";

/** Bodies and answers of the ways out: publish, push, pull request, check out, apply. All are jobs but the questions. */

/** A file in the work that tools on the host execute. */
export const ExecutedFile = z.object({ path: z.string(), executedBy: z.string() });
export type ExecutedFile = z.infer<typeof ExecutedFile>;

const acknowledged = {
  /**
   * The user has seen that the work changes files that tools execute, as of `commit`. Without both, or where the work has
   * gone on since, such work answers 409 `work.executes` with `details` `{ files, commit }`: what is to be seen now.
   */
  acknowledgeExecuted: z.boolean().optional(),
  commit: CommitId.optional(),
};

const BranchName = z.string().min(1).max(200);

/** `POST /api/sessions/:id/publish`: to the session's branch, or under another `agents/…` name where that is in the way. */
export const PublishBody = z.strictObject({ id: JobId.optional(), branch: BranchName.optional() });
export type PublishBody = z.infer<typeof PublishBody>;

/** `POST /api/sessions/:id/push`. `branch` on the remote defaults to the session's; it is never the base branch. */
export const PushBody = z.strictObject({
  id: JobId.optional(),
  remote: z.string().min(1).max(200).optional(),
  branch: BranchName.optional(),
  ...acknowledged,
});
export type PushBody = z.infer<typeof PushBody>;

/** `POST /api/sessions/:id/pull-request`: pushes first where the remote does not have the work. */
export const PullRequestBody = z.strictObject({
  id: JobId.optional(),
  title: z.string().trim().min(1).max(256).optional(),
  body: z.string().max(65_536).optional(),
  base: BranchName.optional(),
  draft: z.boolean().optional(),
  remote: z.string().min(1).max(200).optional(),
  ...acknowledged,
});
export type PullRequestBody = z.infer<typeof PullRequestBody>;

/** `POST /api/sessions/:id/checkout`: a work tree beside the repository; one that is there already and clean follows. */
export const CheckoutBody = z.strictObject({ id: JobId.optional(), ...acknowledged });
export type CheckoutBody = z.infer<typeof CheckoutBody>;

/** `POST /api/sessions/:id/remove-checkout`: the work tree goes, the branch stays. Refused where something would be lost. */
export const RemoveCheckoutBody = z.strictObject({ id: JobId.optional() });
export type RemoveCheckoutBody = z.infer<typeof RemoveCheckoutBody>;

/** `POST /api/sessions/:id/apply`: onto the branch that is checked out in the user's repository. */
export const ApplyBody = z.strictObject({
  id: JobId.optional(),
  how: z.enum(["commits", "squash", "patch"]),
  ...acknowledged,
});
export type ApplyBody = z.infer<typeof ApplyBody>;

const GhState = z.object({ status: z.enum(["ok", "missing", "logged-out"]), advice: z.string().nullable() });

export const RemoteChoice = z.object({
  name: z.string(),
  /** Without credentials. */
  url: z.string(),
  /** `owner/name` on a host that takes pull requests; null for any other remote. */
  repository: z.string().nullable(),
  /** The branch that a push goes to there, and what a pull request from it goes into unless told otherwise. */
  branch: z.string(),
  base: z.string(),
  bases: z.array(z.string()),
  /** What the `gh` on the host has for the remote's host; null where that is none that gh could talk to. */
  gh: GhState.extend({ host: z.string() }).nullable(),
  /** Where a pull request can be made by hand; null where the pages of the remote's host are not known. */
  compareUrl: z.string().nullable(),
});
export type RemoteChoice = z.infer<typeof RemoteChoice>;

/** `GET /api/sessions/:id/pull-request/proposal`: what the dialogs for push and pull request begin with. */
export const ProposalAnswer = z.object({
  title: z.string(),
  body: z.string(),
  base: z.string(),
  bases: z.array(z.string()),
  branch: z.string(),
  remotes: z.array(RemoteChoice),
  remote: z.string().nullable(),
  /** The `gh` on the host; like the base, the branch and the page below, for `remote`. Each remote has its own, too. */
  gh: GhState,
  /** Where a pull request can be made by hand. */
  compareUrl: z.string().nullable(),
  /** The work's last commit, and what it changes that tools execute. */
  commit: CommitId.nullable(),
  executed: z.array(ExecutedFile),
  openComments: z.int().nonnegative(),
  /** The branch that is checked out in the user's repository, and whether its work tree is clean: for "apply". */
  userTree: z.object({ branch: z.string().nullable(), clean: z.boolean(), path: z.string() }),
  /** Where "check out" would make the work tree. */
  checkoutPath: z.string(),
});
export type ProposalAnswer = z.infer<typeof ProposalAnswer>;

/** `GET …/pull-request` and `POST …/pull-request/refresh`. */
export const PullRequestAnswer = z.object({ pullRequest: PullRequest.nullable() });

/** `POST …/pull-request/send`: failed checks (with the end of their logs) and remarks to the agent, as one prompt. */
export const SendPullRequestBody = z.strictObject({
  id: PromptId.optional(),
  failedChecks: z.boolean().default(false),
  remarkIds: z.array(z.string().max(200)).max(200).default([]),
  mode: PromptMode.optional(),
});
export type SendPullRequestBody = z.infer<typeof SendPullRequestBody>;

/** `POST /api/sessions/:id/approvals/:approvalId`. `remember` sets the session to `auto` or `never` from here on. */
export const AnswerApprovalBody = z.strictObject({
  allow: z.boolean(),
  remember: z.boolean().optional(),
  /** A word to the agent. */
  message: z.string().max(8000).optional(),
});
export type AnswerApprovalBody = z.infer<typeof AnswerApprovalBody>;
