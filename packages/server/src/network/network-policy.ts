import type { SessionId } from "@background-agents/shared/ids";
import type { EgressPolicy } from "../egress/egress-policy.ts";
import { REGISTRY_PORTS, REGISTRY_PRESET } from "../egress/registry-preset.ts";
import type { EventLog } from "../events/event-log.ts";
import { lastTurnPrompt, type SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SettingService } from "../settings/setting-service.ts";

const REMEMBERED = 1_000;
const REGISTRIES = REGISTRY_PRESET.map(({ host }) => ({ host, ports: REGISTRY_PORTS }));

export type NetworkPolicy = ReturnType<typeof createNetworkPolicy>;

/**
 * What each session may reach: its mode, and the registries, the hosts of its repository, its own, and those that are
 * allowed for a turn. Nothing is kept but a copy of the last, which stand in the events and so outlive a restart.
 */
export function createNetworkPolicy(deps: {
  store: Pick<SessionStore, "find">;
  settings: Pick<SettingService, "get">;
  events: Pick<EventLog, "listOfTypes">;
}) {
  const { store, settings, events } = deps;
  const onceHosts = new Map<SessionId, { lastTurn: string | null; hosts: string[] }>();

  /** What was allowed once, since the last turn ended. */
  function listOnce(state: SessionState): string[] {
    const { id } = state.session;
    const lastTurn = lastTurnPrompt(state)?.id ?? null;
    const known = onceHosts.get(id);
    if (known?.lastTurn === lastTurn) return known.hosts;
    let hosts: string[] = [];
    for (const event of events.listOfTypes(id, [
      "egress.allowed",
      "prompt.completed",
      "prompt.failed",
      "prompt.interrupted",
    ])) {
      if (event.type !== "egress.allowed") hosts = [];
      else if (event.data.scope === "once") hosts.push(event.data.host);
    }
    if (onceHosts.size >= REMEMBERED) onceHosts.clear();
    onceHosts.set(id, { lastTurn, hosts });
    return hosts;
  }

  return {
    /** Undefined where there is no such session, or it is deleted: it reaches nothing. */
    find(sessionId: SessionId): EgressPolicy | undefined {
      const state = store.find(sessionId);
      if (!state || state.session.deletedAt !== null) return undefined;
      const { networkMode, allowedHosts, repository } = state.session;
      const added = [...settings.get("network.hosts", repository.id), ...allowedHosts, ...listOnce(state)];
      return { mode: networkMode, rules: [...REGISTRIES, ...added.map((host) => ({ host }))] };
    },

    /** Something was allowed once. */
    forgetOnce(sessionId: SessionId): void {
      onceHosts.delete(sessionId);
    },
  };
}
