import {
  BranchesAnswer,
  CopiedFilesAnswer,
  type RegisterRepositoryBody,
  RepositoriesAnswer,
  RepositoryAnswer,
  type UpdateRepositoryBody,
} from "@background-agents/shared/protocol/commands";
import type { RepositoryId } from "@background-agents/shared/ids";
import { z } from "zod";
import { callApi, callApiForText } from "./api-client.ts";

export async function listRepositories() {
  return callApi({ path: "/api/repositories", answer: RepositoriesAnswer });
}

export async function registerRepository(body: RegisterRepositoryBody) {
  return (await callApi({ method: "POST", path: "/api/repositories", body, answer: RepositoryAnswer })).repository;
}

export async function makeSampleRepository() {
  return (await callApi({ method: "POST", path: "/api/repositories/sample", answer: RepositoryAnswer })).repository;
}

export async function forgetRepository(id: RepositoryId): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/repositories/${id}` });
}

export async function listBranches(id: RepositoryId) {
  return callApi({ path: `/api/repositories/${id}/branches`, answer: BranchesAnswer });
}

/** Which ignored files a session made now would get. */
export async function readCopiedFiles(id: RepositoryId) {
  return callApi({ path: `/api/repositories/${id}/copied-files`, answer: CopiedFilesAnswer });
}

export async function updateRepository(id: RepositoryId, body: UpdateRepositoryBody): Promise<void> {
  await callApi({ method: "PATCH", path: `/api/repositories/${id}`, body, answer: z.unknown() });
}
