import type { SessionId } from "@background-agents/shared/ids";
import type { Clock } from "../lib/clock.ts";

export interface BlockedEgress {
  sessionId: SessionId;
  host: string;
  /** 0 where the target could not be read. */
  port: number;
  reason: string;
  /** Whether the user could let the host through. */
  allowable: boolean;
}

export interface BlockedReport extends BlockedEgress {
  /** How often it was asked for since it was last reported. */
  times: number;
}

interface Known {
  sessionId: SessionId;
  host: string;
  at: number;
  missed: number;
}

const QUIET_MS = 60_000;
const REMEMBERED = 5_000;
const PER_SESSION_AND_MINUTE = 50;

/**
 * Passes a report on once a minute for each session, host and port, with how often it was asked for meanwhile, and not
 * more than 50 a minute for a session.
 */
export function createBlockedReports(deps: { clock: Clock; onBlocked: (report: BlockedReport) => void }) {
  const known = new Map<string, Known>();

  function hasRoom(sessionId: SessionId, now: number): boolean {
    let ofSession = 0;
    for (const [key, one] of known) {
      if (now - one.at >= QUIET_MS) known.delete(key);
      else if (one.sessionId === sessionId) ofSession += 1;
    }
    return known.size < REMEMBERED && ofSession < PER_SESSION_AND_MINUTE;
  }

  return {
    report(blocked: BlockedEgress): void {
      const { sessionId, host, port } = blocked;
      const now = deps.clock.now().getTime();
      const key = `${sessionId} ${host} ${port}`;
      const before = known.get(key);
      if (before && now - before.at < QUIET_MS) {
        before.missed += 1;
        return;
      }
      if (!hasRoom(sessionId, now)) return;
      known.set(key, { sessionId, host, at: now, missed: 0 });
      deps.onBlocked({ ...blocked, times: 1 + (before?.missed ?? 0) });
    },

    /** The next refusal of the session is reported at once; with `host`, only the next of that host. */
    forget(sessionId: SessionId, host?: string): void {
      for (const [key, one] of known) {
        if (one.sessionId === sessionId && (host === undefined || one.host === host)) known.delete(key);
      }
    },
  };
}
