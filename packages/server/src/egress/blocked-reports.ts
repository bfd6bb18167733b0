import type { Clock } from "../lib/clock.ts";
import type { SessionId } from "@background-agents/shared/ids";

export interface BlockedEgress {
  sessionId: SessionId;
  host: string;
  /** 0 where the target could not be read. */
  port: number;
  reason: string;
}

const QUIET_MS = 60_000;
const REMEMBERED = 5_000;
const PER_SESSION_AND_MINUTE = 50;

/** Passes a report on once a minute for each session, host and port, and not more than 50 a minute for a session. */
export function createBlockedReports(deps: {
  clock: Clock;
  onBlocked: (blocked: BlockedEgress) => void;
}): (blocked: BlockedEgress) => void {
  const lastReports = new Map<string, { sessionId: SessionId; at: number }>();
  return (blocked) => {
    const now = deps.clock.now().getTime();
    for (const [key, { at }] of lastReports) {
      if (now - at >= QUIET_MS) lastReports.delete(key);
    }
    const key = `${blocked.sessionId} ${blocked.host} ${blocked.port}`;
    if (lastReports.has(key) || lastReports.size >= REMEMBERED) return;
    let ofSession = 0;
    for (const report of lastReports.values()) if (report.sessionId === blocked.sessionId) ofSession += 1;
    if (ofSession >= PER_SESSION_AND_MINUTE) return;
    lastReports.set(key, { sessionId: blocked.sessionId, at: now });
    deps.onBlocked(blocked);
  };
}
