import {
  ChangesAnswer,
  CheckpointsAnswer,
  type CreateSessionBody,
  type DiffPoint,
  PromptAnswer,
  type SendPromptBody,
  SessionAnswer,
  type UpdateSessionBody,
} from "@background-agents/shared/protocol/commands";
import type { PromptId, SessionId } from "@background-agents/shared/ids";
import { z } from "zod";
import { callApi, callApiForText } from "./api-client.ts";

const Anything = z.unknown();

export async function createSession(body: CreateSessionBody) {
  return (await callApi({ method: "POST", path: "/api/sessions", body, answer: SessionAnswer })).session;
}

export async function updateSession(id: SessionId, body: UpdateSessionBody) {
  return (await callApi({ method: "PATCH", path: `/api/sessions/${id}`, body, answer: SessionAnswer })).session;
}

export async function deleteSession(id: SessionId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/sessions/${id}` });
}

export async function restoreSession(id: SessionId): Promise<void> {
  await callApiForText({ method: "POST", path: `/api/sessions/${id}/restore` });
}

export async function stopSession(id: SessionId): Promise<void> {
  await callApi({ method: "POST", path: `/api/sessions/${id}/stop`, answer: Anything });
}

export async function sendPrompt(id: SessionId, body: SendPromptBody) {
  return (await callApi({ method: "POST", path: `/api/sessions/${id}/prompts`, body, answer: PromptAnswer })).prompt;
}

export async function editPrompt(id: SessionId, promptId: PromptId, text: string) {
  const path = `/api/sessions/${id}/prompts/${promptId}`;
  return (await callApi({ method: "PATCH", path, body: { text }, answer: PromptAnswer })).prompt;
}

export async function cancelPrompt(id: SessionId, promptId: PromptId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/sessions/${id}/prompts/${promptId}` });
}

export interface DiffScope {
  from: DiffPoint;
  to: DiffPoint;
}

export async function listChanges(id: SessionId, { from, to }: DiffScope) {
  return callApi({ path: `/api/sessions/${id}/changes?${new URLSearchParams({ from, to })}`, answer: ChangesAnswer });
}

/** The unified patch of one file. */
export async function readDiff(id: SessionId, { from, to }: DiffScope, path: string): Promise<string> {
  return callApiForText({ path: `/api/sessions/${id}/diff?${new URLSearchParams({ from, to, path })}` });
}

export async function listCheckpoints(id: SessionId) {
  return (await callApi({ path: `/api/sessions/${id}/checkpoints`, answer: CheckpointsAnswer })).checkpoints;
}
