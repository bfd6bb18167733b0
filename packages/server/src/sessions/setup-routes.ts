import { SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import { RunSetupBody } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { SetupService } from "./setup-service.ts";

/** `POST /api/sessions/:id/setup`. */
export function setupRoutes(deps: { setup: SetupService }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/api/sessions/:id/setup",
      {
        schema: {
          ...{ tags: ["sessions"], summary: "Runs the setup script again in the session's sandbox" },
          ...{ params: z.object({ id: SessionId }), body: RunSetupBody, response: { 202: SessionAnswer } },
        },
      },
      async ({ params: { id }, body }, reply) => reply.code(202).send({ session: await deps.setup.runAgain(id, body) }),
    );
  };
}
