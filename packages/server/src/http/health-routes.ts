import { HealthAnswer } from "@background-agents/shared/protocol/commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { AppError, messageOf } from "../lib/app-error.ts";

/** `GET /api/health`: open to all, says nothing but what runs and what is missing. */
export function healthRoutes(deps: { check: () => Promise<HealthAnswer> }): FastifyPluginAsyncZod {
  return async (app) => {
    app.get("/api/health", { schema: { response: { 200: HealthAnswer } } }, () => deps.check());
  };
}

/** What the engine and the image say now. */
export async function checkHealth(deps: {
  provider: { info(): Promise<{ version: string }>; requireImage(image: string): Promise<void> };
  image: string;
  version: string;
  gitCredentials: HealthAnswer["gitCredentials"];
  previews: HealthAnswer["previews"];
}): Promise<HealthAnswer> {
  const { image: name, version, gitCredentials, previews } = deps;
  try {
    const engine = await deps.provider.info();
    const image = await deps.provider.requireImage(name).then(
      () => "ok" as const,
      (error: unknown) => (error instanceof AppError && error.code === "image.missing" ? "missing" : "unknown"),
    );
    return {
      status: image === "ok" ? "ok" : "degraded",
      ...{ version, gitCredentials, previews },
      docker: { status: "ok", version: engine.version },
      sandboxImage: { status: image, name },
    };
  } catch (error) {
    return {
      status: "degraded",
      ...{ version, gitCredentials, previews },
      docker: { status: "unreachable", message: messageOf(error) },
      sandboxImage: { status: "unknown", name },
    };
  }
}
