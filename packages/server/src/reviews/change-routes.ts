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
import type { CommitRange } from "../repositories/session-objects.ts";
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
  /** Reads what lies between two moments; `nothing` where they are the same. */
  function readBetween<T>(
    sessionId: SessionId,
    points: { from: DiffPoint; to: DiffPoint },
    { nothing, read }: { nothing: T; read: (range: CommitRange) => Promise<T> },
  ): Promise<T> {
    const repositoryId = moments.requireState(sessionId).session.repository.id;
    return moments.readAt(sessionId, [points.from, points.to], async ([from = "", to = ""]) =>
      from === to ? nothing : read({ sessionId, repositoryId, from, to }),
    );
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
        const { id } = request.params;
        const files = await readBetween(id, request.query, { nothing: [], read: quarantine.changes });
        const marks = viewed.list(id);
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
        const patch = await readBetween(request.params.id, request.query, {
          nothing: "",
          read: (range) => quarantine.diff({ ...range, path, whitespace, context }),
        });
        return reply.header("content-type", "text/plain; charset=utf-8").send(patch);
      },
    );

    app.get(
      "/api/sessions/:id/content",
      { schema: { params: OfSession, querystring: ContentQuery } },
      async (request, reply) => {
        const { id: sessionId } = request.params;
        const { at, path } = request.query;
        const { repository } = moments.requireState(sessionId).session;
        const content = await moments.readAt(sessionId, [at], ([commit = ""]) =>
          quarantine.content({ sessionId, repositoryId: repository.id, commit, path }),
        );
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
