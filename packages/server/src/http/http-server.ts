import swagger from "@fastify/swagger";
import Fastify, { LogController, type FastifyBaseLogger } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type FastifyPluginAsyncZod,
} from "fastify-type-provider-zod";
import { installAccess } from "./access-hook.ts";
import type { AccessPolicy } from "./access-policy.ts";
import { installErrorAnswers } from "./error-answers.ts";

const BODY_LIMIT_BYTES = 2 * 1024 * 1024;

/** The API's HTTP server: access first, one error shape, OpenAPI from the routes' schemas. */
export async function createHttpServer(deps: {
  access: AccessPolicy;
  routes: FastifyPluginAsyncZod[];
  version: string;
  log: FastifyBaseLogger;
}) {
  const app = Fastify({
    loggerInstance: deps.log,
    bodyLimit: BODY_LIMIT_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // A page of another site may send text/plain without a preflight; nothing here takes it.
  app.removeContentTypeParser("text/plain");
  // Many clients say JSON on every request, also on those that carry nothing.
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parseJson(request, String(body), done);
  });
  installAccess(app, deps.access);
  installErrorAnswers(app);
  await app.register(swagger, {
    openapi: {
      info: { title: "Background Agents", version: deps.version, description: "The API of one server." },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  for (const route of deps.routes) await app.register(route);
  app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger());
  // The access hook answers preflights; this route only gives it a place to run.
  app.options("/*", { schema: { hide: true } }, (_request, reply) => reply.code(204).send());
  return app;
}
