import { SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import { AnswerApprovalBody } from "@background-agents/shared/protocol/publish-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Approvals } from "./approvals.ts";

const OfApproval = z.object({ id: SessionId, approvalId: z.string().min(1).max(200) });

/** The user's answer to what the agent wants done outside of its sandbox. */
export function approvalRoutes(deps: { approvals: Approvals }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/api/sessions/:id/approvals/:approvalId",
      { schema: { params: OfApproval, body: AnswerApprovalBody, response: { 200: SessionAnswer } } },
      (request) => {
        const { id, approvalId } = request.params;
        return Promise.resolve({ session: deps.approvals.answer(id, { approvalId, ...request.body }) });
      },
    );
  };
}
