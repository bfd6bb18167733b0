import type { CheckpointId } from "@background-agents/shared/ids";
import type { NewSessionEvent, SessionEventData } from "@background-agents/shared/protocol/session-events";
import type { ChangeCounts } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { hasEnded, type SessionState } from "../sessions/session-state.ts";

export const NO_CHANGES: ChangeCounts = { files: 0, additions: 0, deletions: 0 };

/** Where the work is brought. */
export interface RestoreTarget {
  reason: SessionEventData<"work.restored">["reason"];
  checkpointId: CheckpointId | null;
  commit: string;
  changes: ChangeCounts;
  conversation: boolean;
  paths?: string[];
  base?: { branch: string; commit: string };
}

/** Nobody may work on what is about to be changed. Throws `session.deleted` and `session.busy`. */
export function requireIdle(state: SessionState): void {
  if (state.session.deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
  const busy = state.prompts.find((prompt) => !hasEnded(prompt));
  if (!busy) return;
  const what =
    busy.status === "queued" ? "A prompt is waiting: take it back first." : "The agent is working: stop it first.";
  throw new AppError("session.busy", `${what} Then try again.`);
}

/** Pure: the work is brought to `target`, from where it stood at `from`. Throws where it stands elsewhere by now. */
export function decideRestored(state: SessionState, from: string, target: RestoreTarget): NewSessionEvent {
  requireIdle(state);
  const { lastCommit, baseCommit, lastCheckpointId } = state.session;
  if ((lastCommit ?? baseCommit) !== from) {
    throw new AppError("session.busy", "The session's work changed meanwhile: load it again and try again.");
  }
  const { changes, paths, base, ...rest } = target;
  return {
    type: "work.restored",
    actor: "user",
    data: {
      ...rest,
      ...changes,
      previousCheckpointId: lastCheckpointId,
      generation: state.generation + 1,
      ...(paths && { paths }),
      ...(base && { base }),
    },
  };
}
