import {
  BranchesAnswer,
  type RegisterRepositoryBody,
  RepositoriesAnswer,
  RepositoryAnswer,
} from "@background-agents/shared/protocol/commands";
import type { RepositoryId } from "@background-agents/shared/ids";
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
