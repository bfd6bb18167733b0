import { RepositoryId } from "@background-agents/shared/ids";
import { SecretAudience } from "@background-agents/shared/secrets/secret";
import { z } from "zod";
import type { Database } from "../db/database.ts";

/** `global`, or the repository that a secret belongs to. */
export type SecretScope = "global" | RepositoryId;

const Row = z.object({
  scope: z.union([z.literal("global"), RepositoryId]),
  name: z.string(),
  audience: SecretAudience,
  repositories: z
    .string()
    .nullable()
    .transform((json) => (json === null ? null : z.array(RepositoryId).parse(JSON.parse(json)))),
  sealed: z.instanceof(Uint8Array),
  created_at: z.string(),
  updated_at: z.string(),
});

export interface StoredSecret {
  scope: SecretScope;
  name: string;
  audience: SecretAudience;
  /** Of a global secret: the only repositories that get it; null: all. */
  repositories: RepositoryId[] | null;
  sealed: Uint8Array;
  createdAt: string;
  updatedAt: string;
}

export type SecretStore = ReturnType<typeof createSecretStore>;

/** Secrets as they were sealed, by scope and name. */
export function createSecretStore(deps: { db: Database }) {
  const { db } = deps;
  const all = db.prepare("SELECT * FROM secrets ORDER BY scope, name");
  const ofScope = db.prepare("SELECT * FROM secrets WHERE scope = ? ORDER BY name");
  const one = db.prepare("SELECT * FROM secrets WHERE scope = ? AND name = ?");
  const put = db.prepare(
    `INSERT INTO secrets (scope, name, audience, repositories, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scope, name) DO UPDATE SET audience = excluded.audience, repositories = excluded.repositories,
       sealed = excluded.sealed, updated_at = excluded.updated_at`,
  );
  const removeOne = db.prepare("DELETE FROM secrets WHERE scope = ? AND name = ?");
  const removeScope = db.prepare("DELETE FROM secrets WHERE scope = ?");

  const write = (secret: StoredSecret): void => {
    const { scope, name, audience, repositories, sealed, createdAt, updatedAt } = secret;
    const only = repositories === null ? null : JSON.stringify(repositories);
    put.run(scope, name, audience, only, Buffer.from(sealed), createdAt, updatedAt);
  };

  return {
    list: (scope?: SecretScope): StoredSecret[] => (scope === undefined ? all.all() : ofScope.all(scope)).map(read),
    find(scope: SecretScope, name: string): StoredSecret | undefined {
      const row = one.get(scope, name);
      return row === undefined ? undefined : read(row);
    },
    /** Stores all or none. */
    putAll(secrets: readonly StoredSecret[]): void {
      db.transaction(() => secrets.forEach(write))();
    },
    /** False where there was none. */
    remove: (scope: SecretScope, name: string): boolean => removeOne.run(scope, name).changes > 0,
    forget: (scope: SecretScope): void => void removeScope.run(scope),
  };
}

function read(row: unknown): StoredSecret {
  const { scope, name, audience, repositories, sealed, created_at: createdAt, updated_at: updatedAt } = Row.parse(row);
  return { scope, name, audience, repositories, sealed, createdAt, updatedAt };
}
