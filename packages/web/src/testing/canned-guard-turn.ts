import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { CannedStep } from "./canned-session.ts";

type Bare<E> = E extends { actor: unknown } ? Omit<E, "actor"> : never;

/** A turn that meets everything that guards a session. */
export function cannedGuardTurn(promptId: PromptId, turnId: TurnId): CannedStep[] {
  const ids = { promptId, turnId };
  const server = (event: Bare<NewSessionEvent>): CannedStep => ({ event: { ...event, actor: "server", ...ids } });
  const blocked = (host: string, more: { port?: number; reason?: string; times?: number; allowable?: boolean } = {}) =>
    server({
      type: "egress.blocked",
      data: {
        host,
        port: 443,
        reason: "it is not on this repository's list",
        requestId: `egr-${host}`,
        allowable: true,
        ...more,
      },
    });
  const use = { scope: "session", measure: "usd", limit: 5 } as const;
  return [
    server({ type: "prompt.starting", data: {} }),
    server({ type: "secrets.given", data: { names: ["SENTRY_DSN", "STAGING_DATABASE_URL"] } }),
    server({ type: "setup.started", data: { source: "file" } }),
    server({
      type: "setup.ended",
      data: {
        outcome: "failed",
        exitCode: 1,
        durationMs: 8300,
        logTail: "npm error code E404\nnpm error 404 @acme/ui\n",
      },
    }),
    server({ type: "prompt.started", data: { messageId: `msg-${promptId}` } }),
    { frame: { type: "ports", ports: [{ port: 5173, command: "node node_modules/.bin/vite" }] } },
    blocked("api.stripe.com", { times: 3 }),
    blocked("fonts.gstatic.com"),
    blocked("cdn.example.org"),
    blocked("10.0.0.5", { port: 5432, reason: "it is a private address", allowable: false }),
    server({ type: "budget.warned", data: { ...use, used: 4.1 } }),
    server({
      type: "budget.reached",
      data: { ...use, used: 5.02, spent: { usd: 5.02, tokens: 1_204_000, minutes: 18.4 } },
    }),
    server({ type: "prompt.interrupted", data: { reason: "the session's budget is used" } }),
  ];
}
