import { newId, type JobId, type SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import {
  type AnswerApprovalBody,
  type ApplyBody,
  type CheckoutBody,
  ProposalAnswer,
  PullRequestAnswer,
  type PullRequestBody,
  type PublishBody,
  type PushBody,
  type RemoveCheckoutBody,
  type SendPullRequestBody,
} from "@background-agents/shared/protocol/publish-commands";
import { JobAnswer } from "@background-agents/shared/protocol/review-commands";
import { z } from "zod";
import { callApi } from "./api-client.ts";

/** Work for the server outside of turns: which, and what it needs to know. */
export type JobRequest =
  | { kind: "publish"; body: PublishBody }
  | { kind: "push"; body: PushBody }
  | { kind: "pull-request"; body: PullRequestBody }
  | { kind: "checkout"; body: CheckoutBody }
  | { kind: "remove-checkout"; body: RemoveCheckoutBody }
  | { kind: "apply"; body: ApplyBody };

/** What was asked from this page, so that it can be asked again. */
const requests = new Map<JobId, JobRequest>();

/** Starts a job; its course comes by socket. Throws AppError where it is refused. */
export async function startJob(sessionId: SessionId, request: JobRequest): Promise<Job> {
  const id = newId("job");
  const path = `/api/sessions/${sessionId}/${request.kind}`;
  const { job } = await callApi({ method: "POST", path, body: { ...request.body, id }, answer: JobAnswer });
  requests.set(job.id, request);
  return job;
}

/** What a job was asked with; undefined where another page did, or an earlier life of this one. */
export function requestOf(jobId: JobId): JobRequest | undefined {
  return requests.get(jobId);
}

export async function cancelJob(sessionId: SessionId, jobId: JobId): Promise<void> {
  await callApi({ method: "POST", path: `/api/sessions/${sessionId}/jobs/${jobId}/cancel`, answer: z.unknown() });
}

/** What the dialogs of push, pull request, check-out and apply begin with. */
export async function readProposal(sessionId: SessionId): Promise<ProposalAnswer> {
  return callApi({ path: `/api/sessions/${sessionId}/pull-request/proposal`, answer: ProposalAnswer });
}

/** Has the server look at the pull request anew. */
export async function refreshPullRequest(sessionId: SessionId) {
  const path = `/api/sessions/${sessionId}/pull-request/refresh`;
  return (await callApi({ method: "POST", path, body: {}, answer: PullRequestAnswer })).pullRequest;
}

/** Gives failed checks and remarks to the agent, as one prompt. */
export async function sendPullRequest(sessionId: SessionId, body: SendPullRequestBody): Promise<void> {
  const path = `/api/sessions/${sessionId}/pull-request/send`;
  await callApi({ method: "POST", path, body, answer: z.unknown() });
}

export async function answerApproval(sessionId: SessionId, approvalId: string, body: AnswerApprovalBody) {
  const path = `/api/sessions/${sessionId}/approvals/${encodeURIComponent(approvalId)}`;
  await callApi({ method: "POST", path, body, answer: SessionAnswer });
}
