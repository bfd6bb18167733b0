import { CommentId, SessionId } from "@background-agents/shared/ids";
import {
  AddCommentBody,
  CommentAnswer,
  CommentsAnswer,
  SendCommentsBody,
  SentCommentsAnswer,
  UpdateCommentBody,
} from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { CommentService } from "./comment-service.ts";

const OfSession = z.object({ id: SessionId });
const OfComment = OfSession.extend({ commentId: CommentId });

/** Comments on lines of a session's diffs. */
export function commentRoutes({ service }: { service: CommentService }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/api/sessions/:id/comments",
      { schema: { params: OfSession, response: { 200: CommentsAnswer } } },
      async (request) => ({ comments: await service.list(request.params.id) }),
    );

    app.post(
      "/api/sessions/:id/comments",
      { schema: { params: OfSession, body: AddCommentBody, response: { 201: CommentAnswer } } },
      async (request, reply) => reply.code(201).send({ comment: await service.add(request.params.id, request.body) }),
    );

    app.patch(
      "/api/sessions/:id/comments/:commentId",
      { schema: { params: OfComment, body: UpdateCommentBody, response: { 200: CommentAnswer } } },
      async (request) => {
        const { id, commentId } = request.params;
        return { comment: await service.update(id, commentId, request.body) };
      },
    );

    app.delete("/api/sessions/:id/comments/:commentId", { schema: { params: OfComment } }, (request, reply) => {
      service.remove(request.params.id, request.params.commentId);
      return reply.code(204).send();
    });

    app.post(
      "/api/sessions/:id/comments/send",
      { schema: { params: OfSession, body: SendCommentsBody, response: { 202: SentCommentsAnswer } } },
      async (request, reply) => reply.code(202).send(await service.send(request.params.id, request.body)),
    );
  };
}
