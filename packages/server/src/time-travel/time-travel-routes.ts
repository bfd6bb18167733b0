import { SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import {
  BaseAnswer,
  DiscardBody,
  ForkBody,
  RestoredAnswer,
  RevertBody,
  UpdateBaseAnswer,
  UpdateBaseBody,
} from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { TimeTravel } from "./time-travel.ts";

const OfSession = z.object({ id: SessionId });

/** Going back, forking, discarding, and the session's base. */
export function timeTravelRoutes(deps: { timeTravel: TimeTravel }): FastifyPluginAsyncZod {
  const { timeTravel } = deps;
  return async (app) => {
    app.post(
      "/api/sessions/:id/revert",
      { schema: { params: OfSession, body: RevertBody, response: { 200: RestoredAnswer } } },
      (request) => timeTravel.revert(request.params.id, request.body),
    );

    app.post(
      "/api/sessions/:id/fork",
      { schema: { params: OfSession, body: ForkBody, response: { 201: SessionAnswer } } },
      async (request, reply) =>
        reply.code(201).send({ session: await timeTravel.fork(request.params.id, request.body) }),
    );

    app.post(
      "/api/sessions/:id/discard",
      { schema: { params: OfSession, body: DiscardBody, response: { 200: RestoredAnswer } } },
      (request) => timeTravel.discard(request.params.id, request.body),
    );

    app.get("/api/sessions/:id/base", { schema: { params: OfSession, response: { 200: BaseAnswer } } }, (request) =>
      timeTravel.readBase(request.params.id),
    );

    app.post(
      "/api/sessions/:id/update-base",
      { schema: { params: OfSession, body: UpdateBaseBody, response: { 200: UpdateBaseAnswer } } },
      (request) => timeTravel.updateBase(request.params.id, request.body),
    );
  };
}
