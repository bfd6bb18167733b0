import { SessionId } from "@background-agents/shared/ids";
import { SessionAnswer } from "@background-agents/shared/protocol/commands";
import { AllowedHostsBody, AnswerEgressBody } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { NetworkService } from "./network-service.ts";

const OfSession = z.object({ id: SessionId });
const OfRequest = OfSession.extend({ requestId: z.string().min(1).max(200) });

/** The answers to blocked hosts, and what a session may reach besides. */
export function networkRoutes(deps: { network: Pick<NetworkService, "answer" | "setHosts"> }): FastifyPluginAsyncZod {
  const { network } = deps;
  return async (app) => {
    app.post(
      "/api/sessions/:id/egress/:requestId",
      {
        schema: {
          tags: ["network"],
          summary: "Lets a blocked host through for a turn, the session or its repository, or puts the card away",
          params: OfRequest,
          body: AnswerEgressBody,
          response: { 200: SessionAnswer },
        },
      },
      async ({ params, body }) => ({ session: await network.answer(params.id, params.requestId, body) }),
    );

    app.put(
      "/api/sessions/:id/allowed-hosts",
      {
        schema: {
          tags: ["network"],
          summary: "What the session may reach beside its repository's list, whole",
          params: OfSession,
          body: AllowedHostsBody,
          response: { 200: SessionAnswer },
        },
      },
      async ({ params, body }) => ({ session: network.setHosts(params.id, body.hosts) }),
    );
  };
}
