import { AppError, messageOf } from "../lib/app-error.ts";

/** The HTTP status of the engine's answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** An answer of the engine is about the request; no answer is about the engine. */
export function wrapEngineError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (statusOf(error) === undefined) {
    return new AppError(
      "engine.unavailable",
      `The Docker engine does not answer (${messageOf(error)}): start it, or run ./scripts/dev.sh again.`,
      { cause: error },
    );
  }
  return new AppError("sandbox.failed", `The Docker engine refused: ${messageOf(error)}`, { cause: error });
}

/** Throws `engine.unavailable` or `sandbox.failed`. */
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
