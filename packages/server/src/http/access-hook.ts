import type { FastifyInstance } from "fastify";
import type { AccessPolicy } from "./access-policy.ts";

/** What answers without a token: what a start script asks to know that the server is up, and the docs' empty shell. */
const OPEN_PATHS = new Set(["/api/health", "/api/docs", "/api/docs/page.js", "/api/docs/page.css"]);

const METHODS = "GET, POST, PUT, PATCH, DELETE";

/** Checks Host, Origin and token of every request, before routing's result matters, and answers preflights exactly. */
export function installAccess(app: FastifyInstance, access: AccessPolicy): void {
  app.addHook("onRequest", async (request, reply) => {
    access.checkHost(request.headers);
    const origin = access.checkOrigin(request.headers);
    void reply.header("vary", "Origin").header("x-content-type-options", "nosniff").header("cache-control", "no-store");
    if (origin !== undefined) void reply.header("access-control-allow-origin", origin);
    if (request.method === "OPTIONS" && origin !== undefined) {
      return reply
        .header("access-control-allow-methods", METHODS)
        .header("access-control-allow-headers", "authorization, content-type")
        .header("access-control-max-age", "600")
        .code(204)
        .send();
    }
    if (request.method === "GET" && OPEN_PATHS.has(request.url.split("?")[0] ?? "")) return;
    access.checkBearer(request.headers);
  });
}
