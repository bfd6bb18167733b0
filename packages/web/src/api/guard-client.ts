import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import {
  type AnswerEgressBody,
  SettingsAnswer,
  type UpdateSettingsBody,
  UsageAnswer,
} from "@background-agents/shared/protocol/guard-commands";
import type { Budget } from "@background-agents/shared/usage/budget";
import { z } from "zod";
import { callApi } from "./api-client.ts";

const Anything = z.unknown();

/** What holds for one repository; without one, for all. */
export async function readSettings(repository: RepositoryId | null) {
  return callApi({ path: `/api/settings${scopeQuery(repository)}`, answer: SettingsAnswer });
}

export async function updateSettings(body: Partial<UpdateSettingsBody>) {
  return callApi({ method: "PUT", path: "/api/settings", body, answer: SettingsAnswer });
}

export async function readUsage(by: UsageAnswer["by"], from: string | null) {
  const query = new URLSearchParams({ by, ...(from === null ? {} : { from }) });
  return callApi({ path: `/api/usage?${query}`, answer: UsageAnswer });
}

/** Lets a blocked host through, or puts its card away. */
export async function answerEgress(id: SessionId, requestId: string, body: AnswerEgressBody): Promise<void> {
  const path = `/api/sessions/${id}/egress/${encodeURIComponent(requestId)}`;
  await callApi({ method: "POST", path, body, answer: Anything });
}

export async function setAllowedHosts(id: SessionId, hosts: readonly string[]): Promise<void> {
  await callApi({ method: "PUT", path: `/api/sessions/${id}/allowed-hosts`, body: { hosts }, answer: Anything });
}

/** The session's own limits; null: those of its repository again. */
export async function setSessionBudget(id: SessionId, budget: Budget | null): Promise<void> {
  await callApi({ method: "PUT", path: `/api/sessions/${id}/budget`, body: { budget }, answer: Anything });
}

/** Runs the repository's setup script in the session's sandbox again. */
export async function runSetup(id: SessionId): Promise<void> {
  await callApi({ method: "POST", path: `/api/sessions/${id}/setup`, body: {}, answer: Anything });
}

/** `?repository=rep_…`, or nothing for all of them. */
export function scopeQuery(repository: RepositoryId | null): string {
  return repository === null ? "" : `?repository=${repository}`;
}
