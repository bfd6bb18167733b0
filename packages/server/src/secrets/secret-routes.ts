import { RepositoryId } from "@background-agents/shared/ids";
import {
  ImportSecretsAnswer,
  ImportSecretsBody,
  PutSecretBody,
  SecretsAnswer,
} from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { SecretService } from "./secret-service.ts";

const querystring = z.object({ repository: RepositoryId.optional() });
/** Checked by the service, which says what is wrong with a name. */
const params = z.object({ name: z.string().max(200) });
const response = { 200: SecretsAnswer };
const tags = ["secrets"];

/** Secrets are written and removed; a value is never given back. */
export function secretRoutes(deps: { secrets: SecretService }): FastifyPluginAsyncZod {
  const { secrets } = deps;
  return async (app) => {
    app.get(
      "/api/secrets",
      {
        schema: {
          tags,
          summary: "The global secrets, or those of one repository, without values",
          querystring,
          response,
        },
      },
      async ({ query }) => ({ secrets: secrets.list(query.repository) }),
    );

    app.put(
      "/api/secrets/:name",
      {
        schema: {
          ...{ tags, params, querystring, body: PutSecretBody, response },
          summary: "Sets a secret, or whom it is for. Sandboxes get it from their next start",
        },
      },
      async ({ params: { name }, query, body }) => ({ secrets: secrets.put(name, body, query.repository) }),
    );

    app.delete(
      "/api/secrets/:name",
      { schema: { tags, summary: "Removes a secret", params, querystring, response } },
      async ({ params: { name }, query }) => ({ secrets: secrets.remove(name, query.repository) }),
    );

    app.post(
      "/api/secrets/import",
      {
        schema: {
          tags,
          summary: "Takes secrets from the text of a .env file, or shows what it would take",
          body: ImportSecretsBody,
          response: { 200: ImportSecretsAnswer },
        },
      },
      async ({ body }) => secrets.import(body),
    );
  };
}
