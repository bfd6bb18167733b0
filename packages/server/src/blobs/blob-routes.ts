import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { BlobStore } from "./blob-store.ts";

const Params = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex") });

/** `GET /api/blobs/:hash`: always a download of plain bytes, so that nothing in it is ever run by a browser. */
export function blobRoutes(deps: { blobs: BlobStore }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get("/api/blobs/:hash", { schema: { params: Params } }, (request, reply) =>
      reply
        .header("content-type", "application/octet-stream")
        .header("content-disposition", "attachment")
        .send(deps.blobs.read(request.params.hash)),
    );
  };
}
