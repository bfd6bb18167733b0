import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import type { SessionState } from "./session-state.ts";

const FAMILIES = ["egress", "budget", "secrets", "setup"] as const;
/** Cards of blocked hosts that a session shows; the oldest goes first. */
const CARDS = 20;
/** There are six limits; more is only of limits that were. */
const WARNINGS = 12;

/** What guards the session: its network, its budget, its secrets, its setup. */
export type GuardEvent = Extract<SessionEvent, { type: `${(typeof FAMILIES)[number]}.${string}` }>;

export function isGuardEvent(event: SessionEvent): event is GuardEvent {
  return FAMILIES.some((family) => event.type.startsWith(`${family}.`));
}

/** Pure: the state after `event`. */
export function projectGuardEvent(state: SessionState, event: GuardEvent): SessionState {
  const withSession = (changes: Partial<Session>): SessionState => ({
    ...state,
    session: { ...state.session, ...changes },
  });
  const { blockedHosts, allowedHosts } = state.session;

  switch (event.type) {
    case "egress.blocked":
      return withSession({ blockedHosts: withBlocked(blockedHosts, event) });
    case "egress.allowed": {
      const { requestId, host, scope } = event.data;
      const own = scope === "session" && !allowedHosts.includes(host) ? [...allowedHosts, host] : allowedHosts;
      const open = blockedHosts.filter((one) => one.requestId !== requestId && one.host !== host);
      return withSession({ blockedHosts: open, allowedHosts: own });
    }
    case "egress.dismissed":
      return withSession({ blockedHosts: blockedHosts.filter((one) => one.requestId !== event.data.requestId) });
    case "egress.configured":
      return withSession({ allowedHosts: event.data.hosts });

    case "budget.warned": {
      const warning = { ...event.data, at: event.at };
      return { ...state, budgetWarnings: [...state.budgetWarnings, warning].slice(-WARNINGS) };
    }
    case "budget.reached": {
      const { spent: _, ...budgetReached } = event.data;
      return withSession({ budgetReached });
    }
    case "budget.changed":
      return withSession({ budget: event.data.budget, budgetReached: null });

    case "secrets.given": {
      const { names, audience } = event.data;
      if (audience !== "setup") return withSession({ secretNames: names });
      const { setup } = state.session;
      return setup ? withSession({ setup: { ...setup, secretNames: names } }) : state;
    }

    case "setup.started": {
      const running = { status: "running", exitCode: null, logTail: "", durationMs: null } as const;
      const { apart } = event.data;
      return withSession({ setup: { ...running, startedAt: event.at, ...(apart === true && { apart }) } });
    }
    case "setup.ended": {
      const { outcome, ...rest } = event.data;
      const { setup } = state.session;
      return withSession({ setup: { startedAt: event.at, ...setup, ...rest, status: outcome } });
    }
  }
}

function withBlocked(
  open: Session["blockedHosts"],
  { at, data }: Extract<GuardEvent, { type: "egress.blocked" }>,
): Session["blockedHosts"] {
  const { requestId, host, port, reason, allowable = false, times = 1 } = data;
  // Events of older servers have none: nothing could be answered.
  if (requestId === undefined) return open;
  const known = open.find((one) => one.host === host && one.port === port);
  const card = { requestId, host, port, reason, allowable, at, times: times + (known?.times ?? 0) };
  return [...open.filter((one) => one !== known), card].slice(-CARDS);
}
