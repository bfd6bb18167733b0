import type { SessionId } from "@background-agents/shared/ids";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { EventHub } from "../events/event-hub.ts";

export type OpenPorts = ReturnType<typeof createOpenPorts>;

/** What listens in each sandbox, as its supervisor says: kept in memory, told to the pages that watch. */
export function createOpenPorts(deps: {
  hub: Pick<EventHub, "publish">;
  /** A command line may hold a secret. */
  redact: (sessionId: SessionId, text: string) => string;
}) {
  const { hub, redact } = deps;
  const sessions = new Map<SessionId, ListeningPort[]>();
  const list = (sessionId: SessionId): ListeningPort[] => sessions.get(sessionId) ?? [];

  function set(sessionId: SessionId, told: readonly ListeningPort[]): void {
    const ports = [...new Map(told.map((one) => [one.port, one])).values()]
      .toSorted((a, b) => a.port - b.port)
      .map(({ port, command }) => ({ port, command: command === null ? null : redact(sessionId, command) }));
    if (JSON.stringify(ports) === JSON.stringify(list(sessionId))) return;
    if (ports.length === 0) sessions.delete(sessionId);
    else sessions.set(sessionId, ports);
    hub.publish(sessionId, { type: "ports", ports });
  }

  return { list, set };
}
