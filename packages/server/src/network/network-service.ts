import { randomUUID } from "node:crypto";
import type { EgressScope } from "@background-agents/shared/egress/network";
import type { SessionId } from "@background-agents/shared/ids";
import type { AnswerEgressBody } from "@background-agents/shared/protocol/guard-commands";
import type { Session } from "@background-agents/shared/sessions/session";
import type { BlockedReport } from "../egress/blocked-reports.ts";
import type { EgressProxy } from "../egress/egress-proxy.ts";
import { AppError } from "../lib/app-error.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionService } from "../sessions/session-service.ts";
import { activePrompt, lastTurnPrompt, type SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SettingService } from "../settings/setting-service.ts";
import {
  decideBlocked,
  decideEgressAnswer,
  decideHosts,
  decideSettled,
  requireCard,
  tellAnswer,
} from "./egress-machine.ts";
import type { NetworkPolicy } from "./network-policy.ts";

export interface NetworkServiceDeps {
  store: Pick<SessionStore, "find" | "listUnpurged">;
  recorder: Pick<SessionRecorder, "record">;
  settings: Pick<SettingService, "findOwn" | "update">;
  policy: NetworkPolicy;
  sendPrompt: SessionService["sendPrompt"];
  proxy: Pick<EgressProxy, "recheck" | "forgetReports">;
}

export type NetworkService = ReturnType<typeof createNetworkService>;

/** What sandboxes asked for and did not get, and the user's answers to it. */
export function createNetworkService(deps: NetworkServiceDeps) {
  const { store, recorder, settings, policy, proxy } = deps;
  /** What the user put away, by session: no card again until the turn ends. A restart forgets it. */
  const putAway = new Map<SessionId, { lastTurn: string | null; hosts: Set<string> }>();
  /** Set while an answer is stored for a repository: its own card is not to be settled before it is answered. */
  let answering = false;

  function requireState(sessionId: SessionId): SessionState {
    const state = store.find(sessionId);
    if (!state) throw new AppError("session.not-found", "There is no such session.");
    return state;
  }

  function listPutAway(state: SessionState): Set<string> {
    const lastTurn = lastTurnPrompt(state)?.id ?? null;
    const known = putAway.get(state.session.id);
    if (known?.lastTurn === lastTurn) return known.hosts;
    const hosts = new Set<string>();
    putAway.set(state.session.id, { lastTurn, hosts });
    return hosts;
  }

  function settle(sessionId: SessionId, all: boolean): void {
    if ((store.find(sessionId)?.session.blockedHosts.length ?? 0) === 0) return;
    recorder.record(sessionId, (state) => decideSettled(state, { policy: policy.find(sessionId), all }));
  }

  /** What is allowed for a repository is one of its settings, and holds for all of its sessions. */
  function addToRepository({ session }: SessionState, host: string): void {
    const { id } = session.repository;
    const own = settings.findOwn("network.hosts", id) ?? [];
    if (own.includes(host)) return;
    answering = true;
    try {
      settings.update({ values: { "network.hosts": [...own, host] } }, id);
    } finally {
      answering = false;
    }
  }

  function review(): void {
    if (answering) return;
    proxy.recheck();
    for (const sessionId of store.listUnpurged()) settle(sessionId, false);
  }

  return {
    recordBlocked({ sessionId, ...blocked }: BlockedReport): void {
      recorder.record(sessionId, (state) => {
        const isPutAway = listPutAway(state).has(blocked.host);
        return decideBlocked(state, blocked, isPutAway ? null : randomUUID());
      });
    },

    /**
     * The user's answer to a card. Throws `egress.not-open`, `request.invalid` where nothing can allow it, and what
     * stands in the way of telling the agent.
     */
    async answer(sessionId: SessionId, requestId: string, body: AnswerEgressBody): Promise<Session> {
      const { allow, tellAgent } = body;
      const before = requireState(sessionId);
      const card = requireCard(before, { requestId, allow });
      // Before the answer itself: where the second is not stored any more, the card stands and can be answered again.
      if (allow === "repository") addToRepository(before, card.host);
      const decideNow = (state: SessionState) => decideEgressAnswer(state, { requestId, allow });
      try {
        if (tellAgent) {
          const mode = activePrompt(before) ? ("steer" as const) : ("queue" as const);
          const text = tellAnswer(card.host, allow);
          await deps.sendPrompt(
            sessionId,
            { text, mode },
            {
              key: { session: sessionId, egress: requestId, allow },
              decide: () => decideNow(requireState(sessionId)),
              save: () => undefined,
            },
          );
        } else recorder.record(sessionId, decideNow);
      } finally {
        settled(before, card, allow);
      }
      return requireState(sessionId).session;
    },

    /** What the session may reach beside its repository's list, whole. */
    setHosts(sessionId: SessionId, hosts: readonly string[]): Session {
      recorder.record(sessionId, (state) => decideHosts(state, hosts));
      proxy.recheck(sessionId);
      settle(sessionId, false);
      return requireState(sessionId).session;
    },

    /** Hosts were set for all or for a repository: tunnels and cards of all sessions follow. */
    review,

    /** The session's mode is another one: what was refused under the old one is asked anew. */
    modeChanged(sessionId: SessionId): void {
      putAway.delete(sessionId);
      proxy.forgetReports(sessionId);
      proxy.recheck(sessionId);
      settle(sessionId, true);
    },
  };

  function settled({ session: { id } }: SessionState, card: { host: string }, allow: EgressScope | null) {
    if (allow === null) {
      listPutAway(requireState(id)).add(card.host);
      return;
    }
    policy.forgetOnce(id);
    // Where it is refused again after all, the user is to hear of it at once.
    proxy.forgetReports(id, card.host);
    if (allow === "repository") review();
  }
}
