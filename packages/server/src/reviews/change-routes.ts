import { SessionId } from "@background-agents/shared/ids";
import {
  ChangesAnswer,
  ChangesQuery,
  CheckpointsAnswer,
  ContentQuery,
  DiffQuery,
  type DiffPoint,
} from "@background-agents/shared/protocol/commands";
import { MarkViewedBody } from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { countChanges } from "../repositories/object-diff.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { contentHeaders } from "./content-headers.ts";
import type { Moments } from "./moments.ts";
import type { ViewedStore } from "./viewed-store.ts";

const OfSession = z.object({ id: SessionId });

export interface ChangeRoutesDeps {
  store: SessionStore;
  moments: Moments;
  viewed: ViewedStore;
  quarantine: Pick<Quarantine, "changes" | "diff" | "content">;
}

/** What a session changed, between two moments: read from git objects on the host, never from the sandbox. */
export function changeRoutes({ store, moments, viewed, quarantine }: ChangeRoutesDeps): FastifyPluginAsyncZod {
  function rangeOf(sessionId: SessionId, { from, to }: { from: DiffPoint; to: DiffPoint }) {
    const { repository } = moments.requireState(sessionId).session;
    const commit = (point: DiffPoint) => moments.requireCommit(sessionId, point);
    return { sessionId, repositoryId: repository.id, from: commit(from), to: commit(to) };
  }

  return async (app) => {
    app.get(
      "/api/sessions/:id/checkpoints",
      { schema: { params: OfSession, response: { 200: CheckpointsAnswer } } },
      (request) => {
        moments.requireState(request.params.id);
        return Promise.resolve({ checkpoints: store.listCheckpoints(request.params.id) });
      },
    );

    app.get(
      "/api/sessions/:id/changes",
      { schema: { params: OfSession, querystring: ChangesQuery, response: { 200: ChangesAnswer } } },
      async (request) => {
        const range = rangeOf(request.params.id, request.query);
        const files = range.from === range.to ? [] : await quarantine.changes(range);
        const marks = viewed.list(range.sessionId);
        const isViewed = (path: string, blob: string | null) => marks.has(path) && marks.get(path) === blob;
        return {
          files: files.map((file) => ({ ...file, viewed: isViewed(file.path, file.newBlob) })),
          totals: countChanges(files),
        };
      },
    );

    app.get(
      "/api/sessions/:id/diff",
      { schema: { params: OfSession, querystring: DiffQuery } },
      async (request, reply) => {
        const { path, whitespace, context } = request.query;
        const range = rangeOf(request.params.id, request.query);
        const patch = range.from === range.to ? "" : await quarantine.diff({ ...range, path, whitespace, context });
        return reply.header("content-type", "text/plain; charset=utf-8").send(patch);
      },
    );

    app.get(
      "/api/sessions/:id/content",
      { schema: { params: OfSession, querystring: ContentQuery } },
      async (request, reply) => {
        const { id: sessionId } = request.params;
        const { at, path } = request.query;
        const commit = moments.requireCommit(sessionId, at);
        const { repository } = moments.requireState(sessionId).session;
        const content = await quarantine.content({ sessionId, repositoryId: repository.id, commit, path });
        const { bytes, blob, kind } = content;
        // Where a link points to, and a submodule's commit, are text whatever the name says.
        return reply.headers({ ...contentHeaders(kind === "file" ? path : "", bytes), etag: `"${blob}"` }).send(bytes);
      },
    );

    app.put(
      "/api/sessions/:id/viewed",
      { schema: { params: OfSession, body: MarkViewedBody } },
      async (request, reply) => {
        moments.requireState(request.params.id);
        viewed.mark(request.params.id, request.body);
        return reply.code(204).send();
      },
    );
  };
}
