import { SessionId } from "@background-agents/shared/ids";
import { OverlapsAnswer } from "@background-agents/shared/protocol/review-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Moments } from "./moments.ts";

/** The other live sessions that touch the same lines. */
export function overlapRoutes({ moments }: { moments: Moments }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/api/sessions/:id/overlaps",
      { schema: { params: z.object({ id: SessionId }), response: { 200: OverlapsAnswer } } },
      (request) => Promise.resolve({ overlaps: moments.requireState(request.params.id).session.overlaps }),
    );
  };
}
