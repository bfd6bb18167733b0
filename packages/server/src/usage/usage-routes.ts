import { UsageAnswer, UsageQuery } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { UsageStore } from "./usage-store.ts";

/** `GET /api/usage`: tokens, money and time by day, session, model or repository, and how today stands. */
export function usageRoutes(deps: {
  usage: Pick<UsageStore, "list">;
  today: () => UsageAnswer["today"];
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/api/usage",
      {
        schema: {
          tags: ["usage"],
          summary: "Tokens, money and minutes of turns, by day, session, model or repository, and how today stands",
          querystring: UsageQuery,
          response: { 200: UsageAnswer },
        },
      },
      async ({ query }) => ({ by: query.by, rows: deps.usage.list(query), today: deps.today() }),
    );
  };
}
