import { ERROR_CODES, type ErrorCode } from "@background-agents/shared/protocol/error-codes";

/** What the API refused, or why it could not be reached. Branch on `code`; `message` is for people. */
export class AppError extends Error {
  readonly code: ErrorCode | "api.unreachable" | "api.unreadable";

  constructor(code: AppError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AppError";
    this.code = code;
  }

  /** Whether the same request can succeed later. */
  get retryable(): boolean {
    return (
      this.code === "api.unreachable" || (this.code in ERROR_CODES && ERROR_CODES[this.code as ErrorCode].retryable)
    );
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
