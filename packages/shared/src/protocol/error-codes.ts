/**
 * Every error the API can answer with. `status` is the HTTP status, `retryable` says whether the same request can
 * succeed later without being changed. Clients branch on the code, never on the message.
 */
export const ERROR_CODES = {
  "request.invalid": { status: 400, retryable: false },
  "request.too-large": { status: 413, retryable: false },
  "request.unsupported-media-type": { status: 415, retryable: false },
  "access.token-missing": { status: 401, retryable: false },
  "access.token-wrong": { status: 401, retryable: false },
  "access.origin-refused": { status: 403, retryable: false },
  "access.host-refused": { status: 421, retryable: false },
  "route.not-found": { status: 404, retryable: false },
  "id.conflict": { status: 409, retryable: false },
  "repository.not-found": { status: 404, retryable: false },
  "repository.invalid": { status: 400, retryable: false },
  "repository.empty": { status: 400, retryable: false },
  "repository.unsupported": { status: 400, retryable: false },
  "repository.in-use": { status: 409, retryable: false },
  "repository.clone-failed": { status: 502, retryable: true },
  "branch.not-found": { status: 400, retryable: false },
  "model.unknown": { status: 400, retryable: false },
  "model.unavailable": { status: 400, retryable: false },
  "effort.unknown": { status: 400, retryable: false },
  "session.not-found": { status: 404, retryable: false },
  "session.deleted": { status: 409, retryable: false },
  "prompt.not-found": { status: 404, retryable: false },
  "prompt.not-queued": { status: 409, retryable: false },
  "question.not-open": { status: 409, retryable: false },
  "permission.not-open": { status: 409, retryable: false },
  "session.nothing-to-stop": { status: 409, retryable: false },
  "checkpoint.not-found": { status: 404, retryable: false },
  "checkpoint.refused": { status: 422, retryable: false },
  "file.not-found": { status: 404, retryable: false },
  "blob.not-found": { status: 404, retryable: false },
  "engine.unavailable": { status: 503, retryable: true },
  "image.missing": { status: 503, retryable: true },
  "sandbox.failed": { status: 502, retryable: true },
  "sandbox.lost": { status: 502, retryable: true },
  "agent.failed": { status: 502, retryable: true },
  "provider.failed": { status: 502, retryable: true },
  "git.failed": { status: 500, retryable: true },
  "storage.failed": { status: 507, retryable: true },
  "server.stopping": { status: 503, retryable: true },
  "server.internal": { status: 500, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const ERROR_CODE_LIST = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
