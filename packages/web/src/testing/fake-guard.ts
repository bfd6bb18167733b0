import {
  AllowedHostsBody,
  AnswerEgressBody,
  PreviewBody,
  SessionBudgetBody,
} from "@background-agents/shared/protocol/guard-commands";
import type { NewSessionEvent, SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import type { FakeAnswer } from "./fake-review.ts";

/** The routes of one session's guards, and what its state shows of them. */
export function createFakeGuard(deps: {
  session: Session;
  record: (event: NewSessionEvent) => void;
  show: (change: Partial<Session>) => void;
}) {
  const { session, record, show } = deps;

  function observe(event: SessionEvent): void {
    if (event.type === "egress.blocked" && event.data.requestId) {
      const { requestId, host, port, reason, times = 1, allowable = true } = event.data;
      const card = { requestId, host, port, reason, times, allowable, at: event.at };
      show({ blockedHosts: [...session.blockedHosts.filter((one) => one.host !== host), card] });
    }
    if (event.type === "egress.allowed" || event.type === "egress.dismissed") {
      const { requestId } = event.data;
      show({ blockedHosts: session.blockedHosts.filter((one) => one.requestId !== requestId) });
    }
    if (event.type === "egress.configured") show({ allowedHosts: event.data.hosts });
    if (event.type === "budget.reached") {
      const { spent: _, ...budgetReached } = event.data;
      show({ budgetReached });
    }
    if (event.type === "budget.changed") show({ budget: event.data.budget, budgetReached: null });
    if (event.type === "secrets.given") show({ secretNames: event.data.names });
    if (event.type === "setup.started") {
      const running = { status: "running" as const, exitCode: null, logTail: "", durationMs: null };
      show({ setup: { ...running, startedAt: event.at } });
    }
    if (event.type === "setup.ended") {
      const { outcome, ...how } = event.data;
      show({ setup: { ...how, status: outcome, startedAt: event.at } });
    }
  }

  /** Null where the path is none of these. */
  function answer({ method, url, body }: { method: string; url: URL; body: unknown }): FakeAnswer | null {
    const [, room, id] =
      /^\/api\/sessions\/[^/]+\/(egress|allowed-hosts|budget|setup|previews)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (room === undefined || method === "GET") return null;
    if (room === "previews") {
      const { port } = PreviewBody.parse(body);
      return { status: 200, body: { sessionId: session.id, port, url: `http://p${port}.localhost:8788/` } };
    }
    if (room === "egress") {
      const card = session.blockedHosts.find(({ requestId }) => requestId === id);
      if (!card) return { status: 409, body: { error: { code: "egress.not-open", message: "The card is gone." } } };
      const { requestId, host, port } = card;
      const { allow } = AnswerEgressBody.parse(body);
      if (allow === null) record({ type: "egress.dismissed", actor: "user", data: { requestId } });
      else record({ type: "egress.allowed", actor: "user", data: { requestId, host, port, scope: allow } });
    }
    if (room === "allowed-hosts")
      record({ type: "egress.configured", actor: "user", data: AllowedHostsBody.parse(body) });
    if (room === "budget") record({ type: "budget.changed", actor: "user", data: SessionBudgetBody.parse(body) });
    if (room === "setup") {
      record({ type: "setup.started", actor: "user", data: { source: "file", again: true } });
      const data = { outcome: "ok" as const, exitCode: 0, durationMs: 4100, logTail: "added 214 packages\n" };
      record({ type: "setup.ended", actor: "agent", data });
    }
    return { status: room === "setup" ? 202 : 200, body: { session } };
  }

  return { answer, observe };
}
