import { SessionId } from "@background-agents/shared/ids";
import {
  ChangesAnswer,
  ChangesQuery,
  CheckpointsAnswer,
  DiffQuery,
  type DiffPoint,
} from "@background-agents/shared/protocol/commands";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import type { SessionStore } from "./session-store.ts";

const OfSession = z.object({ id: SessionId });

export interface ChangeRoutesDeps {
  store: SessionStore;
  quarantine: {
    changes(order: { sessionId: SessionId; from: string; to: string }): Promise<ChangedFile[]>;
    diff(order: { sessionId: SessionId; from: string; to: string; path?: string }): Promise<string>;
  };
}

/** What a session changed, between two checkpoints: read from git objects on the host, never from the sandbox. */
export function changeRoutes(deps: ChangeRoutesDeps): FastifyPluginAsyncZod {
  const { store, quarantine } = deps;

  function commitAt(sessionId: SessionId, point: DiffPoint): string {
    const state = store.find(sessionId);
    if (!state) throw new AppError("session.not-found", "There is no such session.");
    const { baseCommit, lastCommit, lookedCheckpointId } = state.session;
    if (point === "base") return baseCommit;
    if (point === "head" || point === "live") return lastCommit ?? baseCommit;
    if (point === "looked") return lookedCheckpointId === null ? baseCommit : commitAt(sessionId, lookedCheckpointId);
    const checkpoint = store.findCheckpoint(sessionId, point);
    if (!checkpoint) throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
    return checkpoint.commit;
  }

  return async (app) => {
    app.get(
      "/api/sessions/:id/checkpoints",
      { schema: { params: OfSession, response: { 200: CheckpointsAnswer } } },
      (request) => {
        commitAt(request.params.id, "base");
        return Promise.resolve({ checkpoints: store.listCheckpoints(request.params.id) });
      },
    );

    app.get(
      "/api/sessions/:id/changes",
      { schema: { params: OfSession, querystring: ChangesQuery, response: { 200: ChangesAnswer } } },
      async (request) => {
        const { id: sessionId } = request.params;
        const from = commitAt(sessionId, request.query.from);
        const to = commitAt(sessionId, request.query.to);
        const files = from === to ? [] : await quarantine.changes({ sessionId, from, to });
        const totals = { files: files.length, additions: 0, deletions: 0 };
        for (const file of files) {
          totals.additions += file.additions;
          totals.deletions += file.deletions;
        }
        return { files, totals };
      },
    );

    app.get(
      "/api/sessions/:id/diff",
      { schema: { params: OfSession, querystring: DiffQuery } },
      async (request, reply) => {
        const { id: sessionId } = request.params;
        const from = commitAt(sessionId, request.query.from);
        const to = commitAt(sessionId, request.query.to);
        const { path } = request.query;
        const patch =
          from === to ? "" : await quarantine.diff({ sessionId, from, to, ...(path === undefined ? {} : { path }) });
        return reply.header("content-type", "text/plain; charset=utf-8").send(patch);
      },
    );
  };
}
