import { SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import { SessionBudgetBody } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { BudgetService } from "./budget-service.ts";

/** `PUT /api/sessions/:id/budget`: raised, the session goes on by itself. */
export function budgetRoutes(deps: { budgets: Pick<BudgetService, "setBudget"> }): FastifyPluginAsyncZod {
  return async (app) => {
    app.put(
      "/api/sessions/:id/budget",
      {
        schema: {
          tags: ["usage"],
          summary: "The session's own limits; null goes back to those of its repository. What waits goes on",
          params: z.object({ id: SessionId }),
          body: SessionBudgetBody,
          response: { 200: SessionAnswer },
        },
      },
      async ({ params, body }) => ({ session: deps.budgets.setBudget(params.id, body.budget) }),
    );
  };
}
