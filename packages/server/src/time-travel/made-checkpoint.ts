import type { CheckpointId } from "@background-agents/shared/ids";
import type { ChangeCounts, Checkpoint, Session } from "@background-agents/shared/sessions/session";
import type { SessionState } from "../sessions/session-state.ts";
import { decideRestored, type RestoreTarget } from "./restored-event.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

export interface MadeCheckpoint {
  checkpointId: CheckpointId;
  commit: string;
  /** From the session's base, the new one where it changes. */
  changes: ChangeCounts;
  /** From where the work stood. */
  turn: ChangeCounts;
  origin: "discard" | "base-update";
  restored: Pick<RestoreTarget, "reason" | "paths" | "base">;
  /** Written in the same transaction. */
  also?: () => unknown;
}

/** Records a checkpoint that was made on the host, and that the work stands there now; the conversation stays. */
export function recordMadeCheckpoint(
  deps: Pick<TimeTravelDeps, "recorder" | "store" | "effects" | "clock">,
  before: SessionState,
  made: MadeCheckpoint,
): { session: Session; checkpoint: Checkpoint } {
  const { session } = before;
  const { checkpointId, commit, changes, turn, origin } = made;
  const from = session.lastCommit ?? session.baseCommit;
  const checkpoint: Checkpoint = {
    id: checkpointId,
    sessionId: session.id,
    origin,
    turnId: null,
    promptId: null,
    parentId: session.lastCheckpointId,
    commit,
    changes,
    createdAt: deps.clock.now().toISOString(),
  };
  const { state } = deps.recorder.record(
    session.id,
    (now) => [
      { type: "checkpoint.created", actor: "user", data: { checkpointId, commit, ...changes, turn, origin } },
      decideRestored(now, from, { ...made.restored, checkpointId, commit, changes, conversation: false }),
    ],
    () => {
      deps.store.recordCheckpoint(checkpoint);
      made.also?.();
    },
  );
  deps.effects.advance(session.id);
  return { session: state.session, checkpoint };
}
