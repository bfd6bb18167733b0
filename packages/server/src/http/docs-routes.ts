import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { DOCS_HTML, DOCS_POLICY, DOCS_SCRIPT, DOCS_STYLE } from "./docs-page.ts";

/** `GET /api/docs`: the API for people. */
export function docsRoutes(): FastifyPluginAsyncZod {
  return async (app) => {
    const pages = [
      { path: "/api/docs", type: "text/html", content: DOCS_HTML },
      { path: "/api/docs/page.js", type: "text/javascript", content: DOCS_SCRIPT },
      { path: "/api/docs/page.css", type: "text/css", content: DOCS_STYLE },
    ];
    for (const { path, type, content } of pages) {
      app.get(path, { schema: { hide: true } }, (_request, reply) =>
        reply
          .header("content-type", `${type}; charset=utf-8`)
          .header("content-security-policy", DOCS_POLICY)
          .send(content),
      );
    }
  };
}
