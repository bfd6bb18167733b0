import { ModelsAnswer } from "@background-agents/shared/protocol/commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ModelService } from "./model-service.ts";

/** `GET /api/models`: what can be chosen, what cannot and why, and the default. */
export function modelRoutes(deps: { models: Pick<ModelService, "list" | "defaultModel"> }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/api/models",
      {
        schema: {
          tags: ["models"],
          summary: "The models, with what to do where one cannot be used yet",
          response: { 200: ModelsAnswer },
        },
      },
      async () => ({ models: deps.models.list(), default: deps.models.defaultModel().id }),
    );
  };
}
