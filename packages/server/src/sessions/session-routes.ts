import { PromptId, SessionId } from "@background-agents/shared/ids";
import {
  AnswerPermissionBody,
  AnswerQuestionBody,
  CreateSessionBody,
  EventsAnswer,
  ListEventsQuery,
  ListSessionsQuery,
  PromptAnswer,
  SendPromptBody,
  SessionAnswer,
  SessionDetailAnswer,
  SessionsAnswer,
  UpdatePromptBody,
  UpdateSessionBody,
} from "@background-agents/shared/protocol/commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { EventLog } from "../events/event-log.ts";
import type { SessionService } from "./session-service.ts";
import type { SessionStore } from "./session-store.ts";

const PAGE_SIZE = 100;

const OfSession = z.object({ id: SessionId });
const OfQuestion = OfSession.extend({ questionId: z.string().min(1).max(200) });
const OfPermission = OfSession.extend({ permissionId: z.string().min(1).max(200) });
const OfPrompt = OfSession.extend({ promptId: PromptId });

/** The verbs of sessions and prompts. */
export function sessionRoutes(deps: {
  service: SessionService;
  store: SessionStore;
  log: EventLog;
}): FastifyPluginAsyncZod {
  const { service } = deps;
  return async (app) => {
    app.post(
      "/api/sessions",
      { schema: { body: CreateSessionBody, response: { 201: SessionAnswer } } },
      async (request, reply) => reply.code(201).send({ session: await service.create(request.body) }),
    );

    app.get(
      "/api/sessions",
      { schema: { querystring: ListSessionsQuery, response: { 200: SessionsAnswer } } },
      (request) => Promise.resolve(deps.store.list(request.query, PAGE_SIZE)),
    );

    app.get("/api/sessions/:id", { schema: { params: OfSession, response: { 200: SessionDetailAnswer } } }, (request) =>
      Promise.resolve(service.get(request.params.id)),
    );

    app.patch(
      "/api/sessions/:id",
      { schema: { params: OfSession, body: UpdateSessionBody, response: { 200: SessionAnswer } } },
      (request) => Promise.resolve({ session: service.update(request.params.id, request.body) }),
    );

    app.delete("/api/sessions/:id", { schema: { params: OfSession } }, (request, reply) => {
      service.delete(request.params.id);
      return reply.code(204).send();
    });

    app.post(
      "/api/sessions/:id/restore",
      { schema: { params: OfSession, response: { 200: SessionAnswer } } },
      (request) => Promise.resolve({ session: service.restore(request.params.id) }),
    );

    app.post(
      "/api/sessions/:id/resume",
      { schema: { params: OfSession, response: { 202: SessionAnswer } } },
      async (request, reply) => reply.code(202).send({ session: service.resume(request.params.id) }),
    );

    app.post(
      "/api/sessions/:id/stop",
      { schema: { params: OfSession, response: { 202: SessionAnswer } } },
      async (request, reply) => reply.code(202).send({ session: service.stop(request.params.id) }),
    );

    app.post(
      "/api/sessions/:id/prompts",
      { schema: { params: OfSession, body: SendPromptBody, response: { 202: PromptAnswer } } },
      async (request, reply) =>
        reply.code(202).send({ prompt: await service.sendPrompt(request.params.id, request.body) }),
    );

    app.patch(
      "/api/sessions/:id/prompts/:promptId",
      { schema: { params: OfPrompt, body: UpdatePromptBody, response: { 200: PromptAnswer } } },
      (request) => {
        const { id, promptId } = request.params;
        return Promise.resolve({ prompt: service.updatePrompt(id, promptId, request.body) });
      },
    );

    app.delete(
      "/api/sessions/:id/prompts/:promptId",
      { schema: { params: OfPrompt, response: { 200: PromptAnswer } } },
      (request) => Promise.resolve({ prompt: service.cancelPrompt(request.params.id, request.params.promptId) }),
    );

    app.post(
      "/api/sessions/:id/questions/:questionId",
      { schema: { params: OfQuestion, body: AnswerQuestionBody, response: { 200: SessionAnswer } } },
      (request) => {
        const { id, questionId } = request.params;
        return Promise.resolve({ session: service.answerQuestion(id, questionId, request.body.answers) });
      },
    );

    app.post(
      "/api/sessions/:id/permissions/:permissionId",
      { schema: { params: OfPermission, body: AnswerPermissionBody, response: { 200: SessionAnswer } } },
      (request) => {
        const { id, permissionId } = request.params;
        return Promise.resolve({ session: service.answerPermission(id, permissionId, request.body) });
      },
    );

    app.get(
      "/api/sessions/:id/events",
      { schema: { params: OfSession, querystring: ListEventsQuery, response: { 200: EventsAnswer } } },
      (request) => {
        const { id } = request.params;
        const { session } = service.get(id);
        const { after, before, limit } = request.query;
        const events =
          before === undefined ? deps.log.listAfter(id, after ?? 0, limit) : deps.log.listBefore(id, before, limit);
        return Promise.resolve({ events, lastSeq: session.lastSeq });
      },
    );
  };
}
