import { SessionId } from "@background-agents/shared/ids";
import {
  ApplyBody,
  CheckoutBody,
  PublishBody,
  PushBody,
  RemoveCheckoutBody,
} from "@background-agents/shared/protocol/publish-commands";
import { JobAnswer } from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Publishing } from "./publishing.ts";

const params = z.object({ id: SessionId });
const response = { 202: JobAnswer };

/** The ways out of a session. Each starts a job; what can be refused at once is. */
export function publishRoutes(deps: { publishing: Publishing }): FastifyPluginAsyncZod {
  const { publishing } = deps;
  return async (app) => {
    app.post("/api/sessions/:id/publish", { schema: { params, body: PublishBody, response } }, async (request, reply) =>
      reply.code(202).send({ job: publishing.publish(request.params.id, request.body) }),
    );

    app.post("/api/sessions/:id/push", { schema: { params, body: PushBody, response } }, async (request, reply) =>
      reply.code(202).send({ job: await publishing.push(request.params.id, request.body) }),
    );

    app.post(
      "/api/sessions/:id/checkout",
      { schema: { params, body: CheckoutBody, response } },
      async (request, reply) =>
        reply.code(202).send({ job: await publishing.checkOut(request.params.id, request.body) }),
    );

    app.post(
      "/api/sessions/:id/remove-checkout",
      { schema: { params, body: RemoveCheckoutBody, response } },
      async (request, reply) =>
        reply.code(202).send({ job: publishing.removeCheckOut(request.params.id, request.body) }),
    );

    app.post("/api/sessions/:id/apply", { schema: { params, body: ApplyBody, response } }, async (request, reply) =>
      reply.code(202).send({ job: await publishing.apply(request.params.id, request.body) }),
    );
  };
}
