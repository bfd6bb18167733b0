import type { ErrorAnswer } from "@background-agents/shared/protocol/commands";
import type { ErrorCode } from "@background-agents/shared/protocol/error-codes";
import type { FastifyInstance } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { findStorageProblem } from "../db/storage-problem.ts";
import { AppError, messageOf } from "../lib/app-error.ts";

/** One shape for every error, whatever threw it. */
export function installErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = toAnswer(error);
    if (status >= 500) request.log.error({ err: error }, "a request failed");
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(answer("route.not-found", `There is no ${request.method} ${request.url.split("?")[0]}.`)),
  );
}

function toAnswer(error: unknown): { status: number; body: ErrorAnswer } {
  if (error instanceof AppError) {
    return { status: error.status, body: answer(error.code, error.message, error.details) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const details = error.validation.map((issue) => ({ path: issue.instancePath, message: issue.message }));
    const words = details.map(
      ({ path, message }) => `${path.replace(/^\//, "").replaceAll("/", ".") || "body"}: ${message}`,
    );
    return { status: 400, body: answer("request.invalid", words.join("; "), details) };
  }
  const status = statusOf(error);
  if (status === 413)
    return { status, body: answer("request.too-large", "The request is larger than this server takes.") };
  if (status === 415) {
    return { status, body: answer("request.unsupported-media-type", "Send JSON with content-type: application/json.") };
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return { status: 400, body: answer("request.invalid", messageOf(error)) };
  }
  const storage = findStorageProblem(error);
  if (storage !== undefined) return { status: 507, body: answer("storage.failed", storage) };
  return { status: 500, body: answer("server.internal", "Something went wrong in the server; its log says more.") };
}

function answer(code: ErrorCode, message: string, details?: unknown): ErrorAnswer {
  return { error: { code, message, ...(details === undefined ? {} : { details }) } };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
