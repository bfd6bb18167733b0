import { ChangesAnswer, type DiffPoint } from "@background-agents/shared/protocol/commands";
import {
  type AddCommentBody,
  CommentAnswer,
  CommentsAnswer,
  type DiscardBody,
  type MarkViewedBody,
  RestoredAnswer,
  type SendCommentsBody,
  SentCommentsAnswer,
  type UpdateCommentBody,
} from "@background-agents/shared/protocol/review-commands";
import type { CommentId, SessionId } from "@background-agents/shared/ids";
import { callApi, callApiForBlob, callApiForText } from "./api-client.ts";

/** Two moments of a session between which it is looked at. */
export interface DiffScope {
  from: DiffPoint;
  to: DiffPoint;
}

export type Whitespace = "show" | "ignore";

export async function listChanges(id: SessionId, { from, to }: DiffScope) {
  return callApi({ path: `/api/sessions/${id}/changes?${new URLSearchParams({ from, to })}`, answer: ChangesAnswer });
}

/** The unified patch of one file. */
export async function readDiff(
  id: SessionId,
  { from, to }: DiffScope,
  { path, whitespace }: { path: string; whitespace: Whitespace },
): Promise<string> {
  const query = new URLSearchParams({ from, to, path, ...(whitespace === "ignore" ? { whitespace } : {}) });
  return callApiForText({ path: `/api/sessions/${id}/diff?${query}` });
}

/** A file as it is at a moment. */
export async function readContent(id: SessionId, at: DiffPoint, path: string): Promise<Blob> {
  return callApiForBlob({ path: `/api/sessions/${id}/content?${new URLSearchParams({ at, path })}` });
}

export async function markViewed(id: SessionId, body: MarkViewedBody): Promise<void> {
  await callApiForText({ method: "PUT", path: `/api/sessions/${id}/viewed`, body });
}

export async function listComments(id: SessionId) {
  return (await callApi({ path: `/api/sessions/${id}/comments`, answer: CommentsAnswer })).comments;
}

export async function addComment(id: SessionId, body: AddCommentBody) {
  const path = `/api/sessions/${id}/comments`;
  return (await callApi({ method: "POST", path, body, answer: CommentAnswer })).comment;
}

export async function updateComment(id: SessionId, commentId: CommentId, body: UpdateCommentBody) {
  const path = `/api/sessions/${id}/comments/${commentId}`;
  return (await callApi({ method: "PATCH", path, body, answer: CommentAnswer })).comment;
}

/** Throws a draft away. */
export async function removeComment(id: SessionId, commentId: CommentId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/sessions/${id}/comments/${commentId}` });
}

/** What was not sent yet, or the comments that are named, goes to the agent as one prompt. */
export async function sendComments(id: SessionId, body: SendCommentsBody) {
  return callApi({ method: "POST", path: `/api/sessions/${id}/comments/send`, body, answer: SentCommentsAnswer });
}

/** Takes changes back, in a checkpoint of its own. */
export async function discardChanges(id: SessionId, body: DiscardBody) {
  return callApi({ method: "POST", path: `/api/sessions/${id}/discard`, body, answer: RestoredAnswer });
}
