import { JobId, SessionId } from "@background-agents/shared/ids";
import { JobAnswer, JobsAnswer } from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Jobs } from "./job-service.ts";

const OfSession = z.object({ id: SessionId });
const OfJob = OfSession.extend({ jobId: JobId });

/** The jobs of a session: what ran and runs, and the end of one that should not go on. */
export function jobRoutes(deps: {
  jobs: Jobs;
  /** Throws `session.not-found`. */
  requireSession: (id: SessionId) => unknown;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get("/api/sessions/:id/jobs", { schema: { params: OfSession, response: { 200: JobsAnswer } } }, (request) => {
      deps.requireSession(request.params.id);
      return Promise.resolve({ jobs: deps.jobs.list(request.params.id) });
    });

    app.post(
      "/api/sessions/:id/jobs/:jobId/cancel",
      { schema: { params: OfJob, response: { 200: JobAnswer } } },
      async (request) => ({ job: await deps.jobs.cancel(request.params.id, request.params.jobId) }),
    );
  };
}
