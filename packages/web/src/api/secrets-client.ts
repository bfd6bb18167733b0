import type { RepositoryId } from "@background-agents/shared/ids";
import {
  ImportSecretsAnswer,
  type ImportSecretsBody,
  type PutSecretBody,
  SecretsAnswer,
} from "@background-agents/shared/protocol/guard-commands";
import { z } from "zod";
import { callApi, callApiForText } from "./api-client.ts";
import { scopeQuery } from "./guard-client.ts";

/** The secrets for all repositories, or those of one. Values are never given back. */
export async function listSecrets(repository: RepositoryId | null) {
  return (await callApi({ path: `/api/secrets${scopeQuery(repository)}`, answer: SecretsAnswer })).secrets;
}

export async function putSecret(name: string, repository: RepositoryId | null, body: PutSecretBody): Promise<void> {
  await callApi({ method: "PUT", path: `/api/secrets/${name}${scopeQuery(repository)}`, body, answer: z.unknown() });
}

export async function removeSecret(name: string, repository: RepositoryId | null): Promise<void> {
  await callApiForText({ method: "DELETE", path: `/api/secrets/${name}${scopeQuery(repository)}` });
}

/** Reads the text of a `.env` file; with `preview` nothing is stored. */
export async function importSecrets(body: Partial<ImportSecretsBody> & { text: string }) {
  return callApi({ method: "POST", path: "/api/secrets/import", body, answer: ImportSecretsAnswer });
}
