import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { activePrompt, type SessionState } from "./session-state.ts";

/** Pure: counts the time of turns that run. One that waits for the user stands still. `after` is the state at `event`. */
export function clockTurn(after: SessionState, event: SessionEvent): SessionState {
  const { runningSince } = after;
  const runs = isRunning(after);
  if (runs === (runningSince !== null)) return after;
  if (runningSince === null) return { ...after, runningSince: event.at };
  const ranMs = Math.max(0, Date.parse(event.at) - Date.parse(runningSince));
  const session = { ...after.session, workMs: after.session.workMs + ranMs };
  return { ...after, runningSince: null, session };
}

/** Milliseconds of turns up to `now`, with the one that runs. */
export function workedMs({ session, runningSince }: Pick<SessionState, "session" | "runningSince">, now: Date): number {
  const running = runningSince === null ? 0 : Math.max(0, now.getTime() - Date.parse(runningSince));
  return session.workMs + running;
}

function isRunning(state: SessionState): boolean {
  const active = activePrompt(state);
  const { questions, permissions } = state.session.asking;
  return active !== undefined && active.status !== "starting" && questions.length + permissions.length === 0;
}
