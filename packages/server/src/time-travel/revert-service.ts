import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import type { RevertBody } from "@background-agents/shared/protocol/review-commands";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { conversationOf } from "../sessions/conversation-of.ts";
import { listBases } from "./base-history.ts";
import { decideRestored, NO_CHANGES, requireIdle, type RestoreTarget } from "./restored-event.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

/** Brings a session back, or forward again, to one of its checkpoints. */
export function createRevertService(deps: TimeTravelDeps) {
  const { store, recorder, effects } = deps;

  function find(sessionId: SessionId, id: CheckpointId): Checkpoint | undefined {
    return store.findCheckpoint(sessionId, id);
  }

  function differsInConversation(session: Session, to: CheckpointId | null): boolean {
    // The state it is in already: whatever the agent heard since then is to be forgotten.
    if (session.lastCheckpointId === to) return true;
    const of = (id: CheckpointId | null) => conversationOf((one) => find(session.id, one), id);
    return of(session.lastCheckpointId) !== of(to);
  }

  /** The base that the checkpoint's work stands on, where that is not the session's own by now. */
  async function findFormerBase({ id, baseCommit }: Session, commit: string) {
    const bases = listBases(deps.log, id);
    const base = bases.length > 1 ? await deps.repositories.writer.findBase(id, commit, bases) : undefined;
    return base && base.commit !== baseCommit ? base : undefined;
  }

  async function aim(session: Session, checkpoint: RevertBody["checkpoint"]): Promise<RestoreTarget> {
    if (checkpoint === "base") {
      const to = { checkpointId: null, commit: session.baseCommit, changes: NO_CHANGES };
      return { reason: "revert", ...to, conversation: differsInConversation(session, null) };
    }
    const found = find(session.id, checkpoint);
    if (!found) throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
    const { id: checkpointId, commit, changes } = found;
    const base = await findFormerBase(session, commit);
    if (base) {
      const { repository } = session;
      await deps.repositories.mirrors.ensurePath({
        id: session.id,
        repository,
        baseBranch: base.branch,
        baseCommit: base.commit,
      });
    }
    const conversation = differsInConversation(session, checkpointId);
    return { reason: "revert", checkpointId, commit, changes, conversation, ...(base && { base }) };
  }

  return {
    /** Undone by going to where the work stood before. Throws `session.busy` while the agent has something to do. */
    async revert(id: SessionId, body: RevertBody): Promise<{ session: Session; checkpoint: Checkpoint | null }> {
      const before = deps.requireState(id);
      requireIdle(before);
      const target = await aim(before.session, body.checkpoint);
      const from = before.session.lastCommit ?? before.session.baseCommit;
      const { state } = recorder.record(id, (now) => [decideRestored(now, from, target)]);
      effects.advance(id);
      const checkpoint = target.checkpointId === null ? undefined : find(id, target.checkpointId);
      return { session: state.session, checkpoint: checkpoint ?? null };
    },
  };
}
