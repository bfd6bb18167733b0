import { SessionId } from "@background-agents/shared/ids";
import { PromptAnswer } from "@background-agents/shared/protocol/commands";
import {
  ProposalAnswer,
  PullRequestAnswer,
  PullRequestBody,
  SendPullRequestBody,
} from "@background-agents/shared/protocol/publish-commands";
import { JobAnswer } from "@background-agents/shared/protocol/review-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { PullRequestService } from "./pull-request-service.ts";

const params = z.object({ id: SessionId });

/** The pull request of a session, and what the dialogs around it begin with. */
export function pullRequestRoutes(deps: {
  service: PullRequestService;
  /** Throws `session.not-found` or `session.deleted`. */
  requireSession: (id: SessionId) => Session;
  propose: (session: Session) => Promise<z.infer<typeof ProposalAnswer>>;
}): FastifyPluginAsyncZod {
  const { service } = deps;
  return async (app) => {
    app.post(
      "/api/sessions/:id/pull-request",
      { schema: { params, body: PullRequestBody, response: { 202: JobAnswer } } },
      async (request, reply) => reply.code(202).send({ job: await service.start(request.params.id, request.body) }),
    );

    app.get("/api/sessions/:id/pull-request", { schema: { params, response: { 200: PullRequestAnswer } } }, (request) =>
      Promise.resolve({ pullRequest: deps.requireSession(request.params.id).pullRequest }),
    );

    app.post(
      "/api/sessions/:id/pull-request/refresh",
      { schema: { params, response: { 200: PullRequestAnswer } } },
      async (request) => ({ pullRequest: await service.refresh(request.params.id, { quiet: false }) }),
    );

    app.get(
      "/api/sessions/:id/pull-request/proposal",
      { schema: { params, response: { 200: ProposalAnswer } } },
      (request) => deps.propose(deps.requireSession(request.params.id)),
    );

    app.post(
      "/api/sessions/:id/pull-request/send",
      { schema: { params, body: SendPullRequestBody, response: { 202: PromptAnswer } } },
      async (request, reply) => reply.code(202).send({ prompt: await service.send(request.params.id, request.body) }),
    );
  };
}
