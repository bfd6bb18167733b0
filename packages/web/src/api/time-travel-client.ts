import { newId, type CheckpointId, type SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import {
  BaseAnswer,
  type ForkBody,
  RestoredAnswer,
  UpdateBaseAnswer,
  type UpdateBaseBody,
} from "@background-agents/shared/protocol/review-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import { callApi } from "./api-client.ts";
import { createLostAnswers } from "./lost-answers.ts";
import { isSessionOver } from "./sessions-client.ts";

/** Brings files and conversation back to a checkpoint; null: to where the session began. */
export async function revertSession(id: SessionId, checkpoint: CheckpointId | null) {
  const body = { checkpoint: checkpoint ?? "base" };
  return callApi({ method: "POST", path: `/api/sessions/${id}/revert`, body, answer: RestoredAnswer });
}

const withSameId = createLostAnswers({ makeIds: () => newId("session"), wasOver: isSessionOver });

/** Makes a new session that begins where this one stood at a checkpoint; the same one where an answer got lost, until that is over. */
export async function forkSession(id: SessionId, body: Omit<ForkBody, "id">): Promise<Session> {
  const path = `/api/sessions/${id}/fork`;
  return withSameId({ path, body }, async (forkId) => {
    const { session } = await callApi({ method: "POST", path, body: { ...body, id: forkId }, answer: SessionAnswer });
    return session;
  });
}

export async function readBase(id: SessionId): Promise<BaseAnswer> {
  return callApi({ path: `/api/sessions/${id}/base`, answer: BaseAnswer });
}

/** Brings the session onto its moved base: by a merge made at once, or by the agent. */
export async function updateBase(id: SessionId, body: Omit<UpdateBaseBody, "id">) {
  const path = `/api/sessions/${id}/update-base`;
  return callApi({ method: "POST", path, body, answer: UpdateBaseAnswer });
}
