import type { NetworkMode } from "../egress/network.ts";
import type { SessionEvent } from "../protocol/session-events.ts";
import type { PlacedEntry } from "./order-entries.ts";
import type { PermissionMode } from "./session.ts";
import type { EgressEntry, SetupEntry, TimelineEntry } from "./timeline.ts";

/** What the timeline remembers of what guards the session, from one event to the next. */
export interface GuardState {
  /** The setup script's run under way. */
  setup: SetupEntry | null;
  /** The secrets that were told of last. */
  secretNames: string;
  networkMode: NetworkMode | null;
  permissionMode: PermissionMode | null;
}

export function emptyGuards(): GuardState {
  return { setup: null, secretNames: "", networkMode: null, permissionMode: null };
}

const FAMILIES = ["egress", "budget", "secrets", "setup"] as const;

/** What the session's network, budget, secrets and setup script have to tell. */
export type GuardEvent = Extract<SessionEvent, { type: `${(typeof FAMILIES)[number]}.${string}` }>;

export function isGuardEvent(event: SessionEvent): event is GuardEvent {
  return FAMILIES.some((family) => event.type.startsWith(`${family}.`));
}

/** Whether it is part of a sandbox's start: it stands with the turn that the start is for. */
export function belongsToStart(event: GuardEvent): boolean {
  return event.type === "secrets.given" || (event.type === "setup.started" && event.data.again !== true);
}

/** Adds a line for each mode that the user changed. Changes both in place. */
export function applyModes(
  guards: GuardState,
  event: Extract<SessionEvent, { type: "session.created" | "session.configured" }>,
  placed: PlacedEntry[],
): void {
  const { networkMode: network = guards.networkMode, permissionMode: permission = guards.permissionMode } = event.data;
  const put = (entry: TimelineEntry): void => void placed.push({ entry, index: null });
  if (event.type === "session.configured" && network && network !== guards.networkMode) {
    put({ kind: "network-mode", key: `network-mode-${event.seq}`, from: guards.networkMode, to: network });
  }
  if (event.type === "session.configured" && permission && permission !== guards.permissionMode) {
    put({ kind: "permission-mode", key: `permission-mode-${event.seq}`, from: guards.permissionMode, to: permission });
  }
  guards.networkMode = network;
  guards.permissionMode = permission;
}

/** Adds the event's line to `placed`, or brings the line it belongs to up to date. Changes both in place. */
export function applyGuardEvent(guards: GuardState, event: GuardEvent, placed: PlacedEntry[]): void {
  const key = `${event.type}-${event.seq}`;
  const put = (entry: TimelineEntry): void => void placed.push({ entry, index: null });
  switch (event.type) {
    case "egress.blocked":
      return addBlocked(placed, key, event.data);
    case "egress.allowed": {
      const { host, port, scope } = event.data;
      return put({ kind: "egress-allowed", key, host, port, scope });
    }
    case "egress.dismissed":
      // Nothing changed: it is still refused, which its line says.
      return;
    case "egress.configured":
      return put({ kind: "egress-hosts", key, hosts: event.data.hosts });
    case "budget.warned":
      return put({ kind: "budget", key, reached: false, use: event.data, spent: null });
    case "budget.reached": {
      const { spent = null, ...use } = event.data;
      return put({ kind: "budget", key, reached: true, use, spent });
    }
    case "budget.changed":
      return put({ kind: "budget-changed", key, budget: event.data.budget, cause: event.data.cause ?? null });
    case "secrets.given": {
      const { names, audience } = event.data;
      if (audience === "setup") {
        if (guards.setup) guards.setup.secretNames = names;
        return;
      }
      // Each start gives them again; only a change is news.
      const together = names.toSorted().join(" ");
      if (together === guards.secretNames) return;
      guards.secretNames = together;
      return put({ kind: "secrets", key, names });
    }
    case "setup.started": {
      const { source, again = false, apart } = event.data;
      const entry: SetupEntry = {
        kind: "setup",
        key,
        source,
        again,
        status: "running",
        exitCode: null,
        durationMs: null,
        logTail: "",
        ...(apart === true && { apart }),
      };
      guards.setup = entry;
      return put(entry);
    }
    case "setup.ended": {
      const { outcome, ...how } = event.data;
      if (guards.setup) Object.assign(guards.setup, how, { status: outcome });
      else put({ kind: "setup", key, source: "file", again: false, status: outcome, ...how });
      guards.setup = null;
    }
  }
}

/** Hosts that are refused one after the other make one line. */
function addBlocked(
  placed: PlacedEntry[],
  key: string,
  { host, port, reason, times = 1 }: Extract<GuardEvent, { type: "egress.blocked" }>["data"],
): void {
  const last = placed.at(-1)?.entry;
  const entry: EgressEntry = last?.kind === "egress" ? last : { kind: "egress", key, hosts: [] };
  if (last !== entry) placed.push({ entry, index: null });
  const known = entry.hosts.find((one) => one.host === host && one.port === port);
  if (known) known.times += times;
  else entry.hosts.push({ host, port, reason, times });
}
