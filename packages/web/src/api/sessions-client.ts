import {
  type AnswerPermissionBody,
  type AnswerQuestionBody,
  CheckpointsAnswer,
  type CreateSessionBody,
  PromptAnswer,
  type SendPromptBody,
  SessionAnswer,
  SessionDetailAnswer,
  SessionsAnswer,
  type UpdatePromptBody,
  type UpdateSessionBody,
} from "@background-agents/shared/protocol/commands";
import type { PromptId, SessionId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { z } from "zod";
import { callApi, callApiForText } from "./api-client.ts";

const Anything = z.unknown();

export async function createSession(body: CreateSessionBody) {
  return (await callApi({ method: "POST", path: "/api/sessions", body, answer: SessionAnswer })).session;
}

/**
 * Whether a session that was asked for has had its course: it is deleted, or its first prompt has ended. One that the
 * user did not see begin, and that is over, is not what is asked for by asking again.
 */
export async function isSessionOver({ id, deletedAt }: Session): Promise<boolean> {
  if (deletedAt !== null) return true;
  const { prompts } = await callApi({ path: `/api/sessions/${id}`, answer: SessionDetailAnswer });
  return (prompts[0]?.endedAt ?? null) !== null;
}

export async function updateSession(id: SessionId, body: UpdateSessionBody) {
  return (await callApi({ method: "PATCH", path: `/api/sessions/${id}`, body, answer: SessionAnswer })).session;
}

export async function deleteSession(id: SessionId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/sessions/${id}` });
}

/** Has a deleted session back. */
export async function restoreSession(id: SessionId) {
  return (await callApi({ method: "POST", path: `/api/sessions/${id}/restore`, answer: SessionAnswer })).session;
}

export async function stopSession(id: SessionId): Promise<void> {
  await callApi({ method: "POST", path: `/api/sessions/${id}/stop`, answer: Anything });
}

/** Starts the session's sandbox again without a prompt. */
export async function resumeSession(id: SessionId): Promise<void> {
  await callApi({ method: "POST", path: `/api/sessions/${id}/resume`, answer: Anything });
}

export async function sendPrompt(id: SessionId, body: SendPromptBody) {
  return (await callApi({ method: "POST", path: `/api/sessions/${id}/prompts`, body, answer: PromptAnswer })).prompt;
}

/** Gives a waiting prompt a new text, or another place in the line. */
export async function updatePrompt(id: SessionId, promptId: PromptId, body: UpdatePromptBody) {
  const path = `/api/sessions/${id}/prompts/${promptId}`;
  return (await callApi({ method: "PATCH", path, body, answer: PromptAnswer })).prompt;
}

export async function cancelPrompt(id: SessionId, promptId: PromptId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/sessions/${id}/prompts/${promptId}` });
}

/** Answers what the agent asked; `answers` null: it gets none. */
export async function answerQuestion(id: SessionId, questionId: string, body: AnswerQuestionBody): Promise<void> {
  const path = `/api/sessions/${id}/questions/${encodeURIComponent(questionId)}`;
  await callApi({ method: "POST", path, body, answer: SessionAnswer });
}

export async function answerPermission(id: SessionId, permissionId: string, body: AnswerPermissionBody): Promise<void> {
  const path = `/api/sessions/${id}/permissions/${encodeURIComponent(permissionId)}`;
  await callApi({ method: "POST", path, body, answer: SessionAnswer });
}

/** Sessions that are out of the list, the newest activity first; `cursor` is where the page before ended. */
export async function listPutAway(which: "archived" | "deleted", cursor: string | null) {
  const query = new URLSearchParams({ [which]: "true", ...(cursor === null ? {} : { cursor }) });
  return callApi({ path: `/api/sessions?${query}`, answer: SessionsAnswer });
}

export async function listCheckpoints(id: SessionId) {
  return (await callApi({ path: `/api/sessions/${id}/checkpoints`, answer: CheckpointsAnswer })).checkpoints;
}
