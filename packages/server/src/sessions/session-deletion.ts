import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import { DELETED_KEPT_MS } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { SessionState } from "./session-state.ts";

/** What is kept of a deleted session is purged after so long. */
export const RETENTION_MS = DELETED_KEPT_MS;

/** Pure: takes a deletion back. Throws `session.deleted` where it is too late, purged yet or not: purging may be under way. */
export function decideRestore(state: SessionState, now: Date): NewSessionEvent[] {
  const { deletedAt, branch } = state.session;
  if (deletedAt === null) return [];
  if (state.purgedAt !== null || isExpired(deletedAt, now)) {
    throw new AppError(
      "session.deleted",
      "The session was deleted more than 7 days ago: its container, working tree, conversation and checkpoints are gone. " +
        `What was published as ${branch} is still in your repository.`,
    );
  }
  return [{ type: "session.restored", actor: "user", data: {} }];
}

/** Pure: notes that nothing is kept of the session but its row and its events. */
export function decidePurge(state: SessionState, now: Date): NewSessionEvent[] {
  const { deletedAt } = state.session;
  if (state.purgedAt !== null || deletedAt === null || !isExpired(deletedAt, now)) return [];
  return [{ type: "session.purged", actor: "server", data: {} }];
}

function isExpired(deletedAt: string, now: Date): boolean {
  return Date.parse(deletedAt) + RETENTION_MS <= now.getTime();
}
