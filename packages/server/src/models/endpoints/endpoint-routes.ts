import { EndpointId } from "@background-agents/shared/models/endpoint";
import {
  EndpointAnswer,
  EndpointsAnswer,
  EndpointTestAnswer,
  PutEndpointBody,
} from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { EndpointService } from "./endpoint-service.ts";
import type { EndpointTest } from "./endpoint-test-client.ts";

const OfEndpoint = z.object({ id: EndpointId });
const schema = { tags: ["models"], params: OfEndpoint };

/** `GET · PUT · DELETE /api/endpoints[/:id]` and a test of each; keys go in and never come out. */
export function endpointRoutes(deps: { endpoints: EndpointService; test: EndpointTest }): FastifyPluginAsyncZod {
  const { endpoints, test } = deps;
  return async (app) => {
    app.get(
      "/api/endpoints",
      {
        schema: {
          tags: ["models"],
          summary: "Where models are reached, and where each address and key comes from",
          response: { 200: EndpointsAnswer },
        },
      },
      async () => ({ endpoints: endpoints.list() }),
    );

    app.get(
      "/api/endpoints/:id",
      { schema: { ...schema, summary: "One of them", response: { 200: EndpointAnswer } } },
      async ({ params }) => ({ endpoint: endpoints.require(params.id) }),
    );

    app.put(
      "/api/endpoints/:id",
      {
        schema: {
          ...schema,
          summary: "Adds or changes one; null takes a value back. The key is write-only",
          body: PutEndpointBody,
          response: { 200: EndpointAnswer },
        },
      },
      async ({ params, body }) => ({ endpoint: endpoints.put(params.id, body) }),
    );

    app.delete(
      "/api/endpoints/:id",
      { schema: { ...schema, summary: "Removes it; a built-in provider goes back to .env" } },
      (request, reply) => {
        endpoints.remove(request.params.id);
        return reply.code(204).send();
      },
    );

    app.post(
      "/api/endpoints/:id/test",
      {
        schema: {
          ...schema,
          summary: "One small call with the key at hand: what came of it, in words",
          response: { 200: EndpointTestAnswer },
        },
      },
      async ({ params }) => {
        endpoints.require(params.id);
        return test(params.id);
      },
    );
  };
}
