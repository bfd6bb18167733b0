import type { RepositoryId } from "@background-agents/shared/ids";
import type {
  ImportSecretsAnswer,
  ImportSecretsBody,
  PutSecretBody,
} from "@background-agents/shared/protocol/guard-commands";
import {
  SECRET_VALUE_BYTES,
  SecretName,
  SECRETS_PER_SCOPE,
  type SecretAudience,
  type SecretSummary,
} from "@background-agents/shared/secrets/secret";
import type { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { readEnvFile } from "./read-env-file.ts";
import type { KnownValue } from "./redact.ts";
import { whyReserved } from "./reserved-names.ts";
import type { SealPlace, Sealer } from "./seal.ts";
import type { SecretScope, SecretStore, StoredSecret } from "./secret-store.ts";

/** What a sandbox's processes get. */
export interface GivenSecrets {
  env: Record<string, string>;
  /** Names of those whose value cannot be read with the key at hand. */
  unreadable: string[];
}

export type SecretService = ReturnType<typeof createSecretService>;

/** The user's secrets: kept sealed, given to the sandboxes they are for, never given back. */
export function createSecretService(deps: {
  store: SecretStore;
  sealer: Sealer;
  clock: Clock;
  /** Throws `repository.not-found`. */
  requireRepository: (id: RepositoryId) => void;
  /** Called with the values that were known before, whenever they changed. */
  onChanged: (before: KnownValue[]) => void;
}) {
  const { store, sealer, clock } = deps;

  const open = ({ scope, name, sealed }: StoredSecret): string | undefined => sealer.open(sealed, placeOf(scope, name));

  function scopeOf(repositoryId: RepositoryId | undefined): SecretScope {
    if (repositoryId === undefined) return "global";
    deps.requireRepository(repositoryId);
    return repositoryId;
  }

  function summarize(secret: StoredSecret): SecretSummary {
    const { scope, name, audience, repositories, createdAt, updatedAt } = secret;
    const repository = scope === "global" ? null : scope;
    const readable = open(secret) !== undefined;
    return { name, repository, audience, repositories, createdAt, updatedAt, readable };
  }

  function make(
    order: { scope: SecretScope; name: string },
    { value, audience, repositories }: z.infer<typeof PutSecretBody>,
  ): StoredSecret {
    const { scope, name } = order;
    const known = store.find(scope, name);
    if (value === undefined && !known) {
      throw new AppError("secret.not-found", `There is no secret ${name} yet: give it a value.`);
    }
    const now = clock.now().toISOString();
    return {
      ...{ scope, name },
      audience: audience ?? known?.audience ?? "agent",
      repositories: repositories === undefined ? (known?.repositories ?? null) : repositories,
      sealed: value === undefined && known ? known.sealed : sealer.seal(value ?? "", placeOf(scope, name)),
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
    };
  }

  function change(act: () => void): void {
    const before = listKnown();
    act();
    deps.onChanged(before);
  }

  /** Those of a repository and the global ones that it gets, the repository's own winning; without one, all there are. */
  function listFor(repositoryId?: RepositoryId): StoredSecret[] {
    if (repositoryId === undefined) return store.list();
    const global = store
      .list("global")
      .filter(({ repositories }) => repositories === null || repositories.includes(repositoryId));
    return [...global, ...store.list(repositoryId)];
  }

  function listKnown(repositoryId?: RepositoryId): KnownValue[] {
    return listFor(repositoryId).flatMap((secret) => {
      const value = open(secret);
      return value === undefined ? [] : [{ name: secret.name, value }];
    });
  }

  return {
    /** The global ones, or those of one repository. Throws `repository.not-found`. */
    list: (repositoryId?: RepositoryId): SecretSummary[] => store.list(scopeOf(repositoryId)).map(summarize),

    /** Throws `secret.invalid`, `secret.limit`, `secret.not-found`, `repository.not-found`. */
    put(name: string, body: z.infer<typeof PutSecretBody>, repositoryId?: RepositoryId): SecretSummary[] {
      const scope = scopeOf(repositoryId);
      const refusal = whyRefused(name, body.value);
      if (refusal !== undefined) throw new AppError("secret.invalid", refusal);
      if (scope !== "global" && body.repositories) {
        throw new AppError("secret.invalid", "A repository's own secret is for that repository alone.");
      }
      for (const id of body.repositories ?? []) deps.requireRepository(id);
      if (!store.find(scope, name) && store.list(scope).length >= SECRETS_PER_SCOPE) {
        throw new AppError("secret.limit", `There are ${SECRETS_PER_SCOPE} secrets already: remove one first.`);
      }
      change(() => store.putAll([make({ scope, name }, body)]));
      return this.list(repositoryId);
    },

    /** Throws `secret.not-found`. */
    remove(name: string, repositoryId?: RepositoryId): SecretSummary[] {
      const scope = scopeOf(repositoryId);
      if (!store.find(scope, name)) throw new AppError("secret.not-found", `There is no secret ${name}.`);
      change(() => store.remove(scope, name));
      return this.list(repositoryId);
    },

    /** Takes what it can of a `.env` file; what it refuses it names, with the reason. */
    import(body: ImportSecretsBody): ImportSecretsAnswer {
      const scope = scopeOf(body.repository);
      const { values, unreadLines } = readEnvFile(body.text);
      const wanted = body.names && new Set<string>(body.names);
      const names = new Set(store.list(scope).map(({ name }) => name));
      const accepted: StoredSecret[] = [];
      const found = values.map(({ name, value }): ImportSecretsAnswer["found"][number] => {
        const isKnown = names.has(name);
        const isFull = !isKnown && names.size >= SECRETS_PER_SCOPE;
        const reason =
          whyRefused(name, value) ?? (isFull ? `There is room for ${SECRETS_PER_SCOPE} secrets only.` : null);
        if (reason !== null) return { name, length: value.length, action: "refuse", reason };
        if (!wanted || wanted.has(name)) {
          names.add(name);
          if (!body.preview) accepted.push(make({ scope, name }, { value, audience: body.audience }));
        }
        return { name, length: value.length, action: isKnown ? "replace" : "add", reason };
      });
      if (accepted.length > 0) change(() => store.putAll(accepted));
      return { found, unreadLines, stored: accepted.length };
    },

    /** What the processes of a repository's sandbox get: the agent's, or also those for the setup script alone. */
    give(repositoryId: RepositoryId, audience: SecretAudience): GivenSecrets {
      const given: GivenSecrets = { env: {}, unreadable: [] };
      const meant = listFor(repositoryId).filter((secret) => audience === "setup" || secret.audience === "agent");
      for (const secret of meant) {
        const value = open(secret);
        if (value === undefined) given.unreadable.push(secret.name);
        else given.env[secret.name] = value;
      }
      return given;
    },

    /** Whether the setup script of a repository gets something that the agent does not. */
    hasSetupSecrets(repositoryId: RepositoryId): boolean {
      const { env } = this.give(repositoryId, "agent");
      return Object.entries(this.give(repositoryId, "setup").env).some(([name, value]) => env[name] !== value);
    },

    /** Names and values of a repository's secrets, for whomever they are; without one, of all. */
    listKnown,

    /** The repository is gone, and its secrets with it. */
    forget: (repositoryId: RepositoryId): void => change(() => store.forget(repositoryId)),
  };
}

function placeOf(scope: SecretScope, name: string): SealPlace {
  return ["secret", scope, name];
}

function whyRefused(name: string, value: string | undefined): string | undefined {
  const named = SecretName.safeParse(name);
  if (!named.success) return `${name.slice(0, 100)}: ${named.error.issues[0]?.message ?? "not a name"}.`;
  const reserved = whyReserved(name);
  if (reserved !== undefined || value === undefined) return reserved;
  if (value === "") return `${name} has no value.`;
  if (value.includes("\0")) return `${name} holds a zero byte, which no variable can.`;
  const bytes = Buffer.byteLength(value);
  return bytes > SECRET_VALUE_BYTES
    ? `${name} has ${bytes} bytes; ${SECRET_VALUE_BYTES} is the most a secret can have.`
    : undefined;
}
