import type { BlockedHost, EgressScope } from "@background-agents/shared/egress/network";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { BlockedReport } from "../egress/blocked-reports.ts";
import { type EgressPolicy, findRefusal } from "../egress/egress-policy.ts";
import { AppError } from "../lib/app-error.ts";
import { idsOf } from "../sessions/prompt-endings.ts";
import { activePrompt, type SessionState } from "../sessions/session-state.ts";

/**
 * Pure: what is recorded of blocked hosts and of the answers to them.
 *
 * | card       | happens                           | records                                   |
 * |------------|-----------------------------------|-------------------------------------------|
 * | –          | refused                           | egress.blocked with a new request's id    |
 * | –          | refused, put away in this turn    | egress.blocked without one: no card       |
 * | open       | refused again                     | egress.blocked with the same id           |
 * | open       | allowed, put away                 | egress.allowed, egress.dismissed          |
 * | open       | the policy lets it through by now | egress.dismissed by the server            |
 */

const ALLOWED_HOSTS_LIMIT = 500;

/** `newRequestId` null: the user put this one away already and is not shown a card again. */
export function decideBlocked(
  state: SessionState,
  { host, port, reason, allowable, times }: Omit<BlockedReport, "sessionId">,
  newRequestId: string | null,
): NewSessionEvent[] {
  if (state.session.deletedAt !== null) return [];
  const open = state.session.blockedHosts.find((card) => card.host === host && card.port === port);
  const requestId = open?.requestId ?? newRequestId;
  const data = { host, port, reason, ...(requestId !== null && { requestId, allowable, times }) };
  return [{ type: "egress.blocked", actor: "server", ...turnOf(state), data }];
}

/** The open card. Throws `session.deleted`, `egress.not-open`, and where it cannot be allowed. */
export function requireCard(
  state: SessionState,
  { requestId, allow }: { requestId: string; allow: EgressScope | null },
): BlockedHost {
  const { session } = state;
  if (session.deletedAt !== null) throw new AppError("session.deleted", "The session is deleted: restore it first.");
  const card = session.blockedHosts.find((one) => one.requestId === requestId);
  if (!card) throw new AppError("egress.not-open", "This is not asked any more: it was answered or put away.");
  if (allow === null) return card;
  if (session.networkMode === "none") {
    throw new AppError("request.invalid", "The session has no network: give it one first, then allow the host.");
  }
  if (!card.allowable) throw new AppError("request.invalid", `${card.host} cannot be allowed: ${card.reason}.`);
  if (allow === "session" && session.allowedHosts.length >= ALLOWED_HOSTS_LIMIT) {
    throw new AppError("request.invalid", `The session has ${ALLOWED_HOSTS_LIMIT} hosts already: remove some first.`);
  }
  return card;
}

export function decideEgressAnswer(
  state: SessionState,
  answer: { requestId: string; allow: EgressScope | null },
): NewSessionEvent[] {
  const { requestId, host, port } = requireCard(state, answer);
  if (answer.allow === null) {
    return [{ type: "egress.dismissed", actor: "user", ...turnOf(state), data: { requestId } }];
  }
  const data = { requestId, host, port, scope: answer.allow };
  return [{ type: "egress.allowed", actor: "user", ...turnOf(state), data }];
}

/** The session's own hosts, whole. */
export function decideHosts(state: SessionState, hosts: readonly string[]): NewSessionEvent[] {
  const { session } = state;
  if (session.deletedAt !== null) throw new AppError("session.deleted", "The session is deleted: restore it first.");
  const wanted = [...new Set(hosts)];
  if (wanted.length === session.allowedHosts.length && wanted.every((host, at) => host === session.allowedHosts[at])) {
    return [];
  }
  return [{ type: "egress.configured", actor: "user", data: { hosts: wanted } }];
}

/** Puts cards away that ask for what is open by now; with `all`, every card: the rules are other ones altogether. */
export function decideSettled(
  state: SessionState,
  { policy, all }: { policy: EgressPolicy | undefined; all: boolean },
): NewSessionEvent[] {
  const settled = state.session.blockedHosts.filter(
    (card) => all || (card.allowable && findRefusal(policy, card) === undefined),
  );
  return settled.map(({ requestId }) => ({ type: "egress.dismissed", actor: "server", data: { requestId } }));
}

/** What the agent is told, in the user's name. */
export function tellAnswer(host: string, allow: EgressScope | null): string {
  switch (allow) {
    case null:
      return `The sandbox may not reach ${host}. Go on without it.`;
    case "once":
      return `The sandbox may reach ${host} until this turn ends. Try again what failed because of it, and go on.`;
    case "session":
    case "repository":
      return `The sandbox may reach ${host} from now on. Try again what failed because of it, and go on.`;
  }
}

function turnOf(state: SessionState) {
  const active = activePrompt(state);
  return active?.turnId ? idsOf(active) : {};
}
