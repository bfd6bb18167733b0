import { AppError, messageOf } from "../lib/app-error.ts";

/** The HTTP status of the engine's answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** Nobody listens, or nobody does any more: an engine that starts, or starts again, says the same. */
const AWAY = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"],
  ...["EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "EAI_AGAIN"],
]);

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "ENOENT") return error instanceof Error && "syscall" in error && error.syscall === "connect";
  return code !== undefined && AWAY.has(code);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** An attempt at several addresses tells its code alone. */
const wordsOf = (error: unknown): string => messageOf(error) || (codeOf(error) ?? "no reason was given");

/** What was in the way, in the system's words; undefined where nobody knows more than the error itself says. */
export function causeOf(error: AppError): string | undefined {
  return error.cause === undefined ? undefined : wordsOf(error.cause);
}

/** An answer of the engine is about the request; no answer is about the engine, or about how it is asked. */
export function wrapEngineError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = wordsOf(error);
  const options = { cause: error };
  if (statusOf(error) !== undefined) {
    return new AppError("sandbox.failed", `The Docker engine refused: ${message}`, options);
  }
  if (isAway(error)) {
    const advice = "start it, or run ./scripts/dev.sh again.";
    return new AppError("engine.unavailable", `The Docker engine does not answer (${message}): ${advice}`, options);
  }
  const advice = ["EACCES", "EPERM"].includes(codeOf(error) ?? "")
    ? "this user may not use its socket. Join the group that owns it, sign in again, and start the server anew."
    : "look at DOCKER_HOST, its certificates and the engine's log.";
  return new AppError("engine.unusable", `The Docker engine cannot be used (${message}): ${advice}`, options);
}

/** Throws `engine.unavailable`, `engine.unusable` or `sandbox.failed`. */
export async function engineCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw wrapEngineError(error);
  }
}

/** 304: stopped already, 404: gone, 409: being removed. */
export const ignoringGone = (call: () => Promise<unknown>): Promise<void> => ignoring([304, 404, 409], call);

export async function ignoring(statuses: number[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!statuses.includes(statusOf(error) ?? 0)) throw wrapEngineError(error);
  }
}
