import type { Readable, Transform } from "node:stream";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { SecretsGiven } from "@background-agents/shared/protocol/supervisor-frames";
import type { Database } from "../db/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { SecretAudience } from "@background-agents/shared/secrets/secret";
import { API_TOKEN_NAME } from "./own-keys.ts";
import { createRedactor, type KnownValue, type Redactor } from "./redact.ts";
import { createRedactingTransform, redactStream } from "./redacting-transform.ts";
import { createRedaction } from "./redaction.ts";
import { createSealer } from "./seal.ts";
import { secretRoutes } from "./secret-routes.ts";
import { createSecretService } from "./secret-service.ts";
import { createSecretStore } from "./secret-store.ts";

export type Secrets = ReturnType<typeof createSecrets>;

/** The user's secrets: whom they are given to, and keeping them out of everything that is stored or shown. */
export function createSecrets(deps: {
  db: Database;
  dataDir: string;
  clock: Clock;
  /** Throws `repository.not-found`. */
  requireRepository: (id: RepositoryId) => void;
  /** A session's repository; undefined where there is no such session. */
  findRepository: (sessionId: SessionId) => RepositoryId | undefined;
  /** Keys and tokens of the server's own. */
  listOwnKeys: () => KnownValue[];
  /** Some of a session's secrets could not be given: their values cannot be read. */
  onUnreadable: (sessionId: SessionId, names: string[]) => void;
}) {
  const sealer = createSealer({ dataDir: deps.dataDir });
  const service = createSecretService({
    ...{ store: createSecretStore({ db: deps.db }), sealer, clock: deps.clock },
    requireRepository: deps.requireRepository,
    onChanged: (before) => {
      redaction.refresh(before);
      liveRedaction.refresh(before);
    },
  });
  const { listKnown: listSecrets } = service;
  const redaction = createRedaction({ listSecrets, listOthers: deps.listOwnKeys });
  // What grows waits wherever its end may be the beginning of a value. The API's token is in no sandbox: for it alone
  // nobody need wait.
  const liveRedaction = createRedaction({
    listSecrets,
    listOthers: () => deps.listOwnKeys().filter(({ name }) => name !== API_TOKEN_NAME),
  });
  const repositories = new Map<SessionId, RepositoryId>();
  const told = new Map<SessionId, string>();
  const nothing = createRedactor([]);

  /** A session never changes its repository. */
  function repositoryOf(sessionId: SessionId): RepositoryId | undefined {
    const known = repositories.get(sessionId) ?? deps.findRepository(sessionId);
    if (known !== undefined) repositories.set(sessionId, known);
    return known;
  }

  return {
    sealer,
    service,
    redaction,
    routes: () => secretRoutes({ secrets: service }),

    /** For what is said in a session. */
    redactorOf(sessionId: SessionId): Redactor {
      const repositoryId = repositoryOf(sessionId);
      return repositoryId === undefined ? nothing : redaction.of(repositoryId);
    },

    /** For what is shown while it grows. */
    liveRedactorOf(sessionId: SessionId): Redactor {
      const repositoryId = repositoryOf(sessionId);
      return repositoryId === undefined ? nothing : liveRedaction.of(repositoryId);
    },

    /** What comes out of a session's sandbox, without known values. */
    redactBody(sessionId: SessionId, body: Readable): Readable {
      return redactStream(body, this.redactorOf(sessionId));
    },

    /** For contents that sessions share. */
    makeSharedFilter: (): Transform => createRedactingTransform(redaction.ofAll()),

    /**
     * What the processes of a session's container get, by what it is for. Those that cannot be read are left out, and the
     * user is told once.
     */
    giveTo(sessionId: SessionId, audience: SecretAudience): SecretsGiven {
      const repositoryId = repositoryOf(sessionId);
      if (repositoryId === undefined) return { env: {} };
      const { env } = service.give(repositoryId, audience);
      const { unreadable } = service.give(repositoryId, "setup");
      const names = unreadable.join(", ");
      if (names !== "" && told.get(sessionId) !== names) deps.onUnreadable(sessionId, unreadable);
      told.set(sessionId, names);
      return { env };
    },
  };
}
