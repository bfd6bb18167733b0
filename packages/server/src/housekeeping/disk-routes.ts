import { DiskAnswer } from "@background-agents/shared/protocol/commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { DiskUsage } from "./disk-usage.ts";

/** `GET /api/disk`: what each session takes on the disk, as of the last 30 s. */
export function diskRoutes(deps: { disk: Pick<DiskUsage, "read"> }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get("/api/disk", { schema: { response: { 200: DiskAnswer } } }, () => deps.disk.read());
  };
}
