import { SessionId } from "@background-agents/shared/ids";
import { PortsAnswer, PreviewAnswer, PreviewBody } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { PreviewService } from "./preview-service.ts";

const OfSession = z.object({ id: SessionId });

/** What listens in a sandbox, and addresses to look at it. */
export function previewRoutes(deps: { previews: PreviewService }): FastifyPluginAsyncZod {
  const { previews } = deps;
  return async (app) => {
    app.get(
      "/api/sessions/:id/ports",
      {
        schema: {
          tags: ["previews"],
          summary: "Ports of the sandbox's own loopback on which something listens",
          params: OfSession,
          response: { 200: PortsAnswer },
        },
      },
      async ({ params }) => ({ ports: previews.listPorts(params.id) }),
    );

    app.post(
      "/api/sessions/:id/previews",
      {
        schema: {
          tags: ["previews"],
          summary: "An address, on an origin of its own, at which a port of the sandbox can be looked at",
          params: OfSession,
          body: PreviewBody,
          response: { 200: PreviewAnswer },
        },
      },
      ({ params, body }) => previews.open(params.id, body.port),
    );
  };
}
