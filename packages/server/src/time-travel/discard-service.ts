import { commitMessage } from "@background-agents/shared/git/commit-message";
import { newId, type SessionId } from "@background-agents/shared/ids";
import type { DiscardBody } from "@background-agents/shared/protocol/review-commands";
import type { Checkpoint, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { createIdQueue, hashOf, wasCreated } from "../sessions/creation-key.ts";
import { recordMadeCheckpoint } from "./made-checkpoint.ts";
import { requireIdle } from "./restored-event.ts";
import type { TimeTravelDeps } from "./time-travel-deps.ts";

export interface Discarded {
  session: Session;
  checkpoint: Checkpoint | null;
}

/** Takes changes back without the agent: whole files, or hunks of them, on the session's objects on the host. */
export function createDiscardService(deps: TimeTravelDeps) {
  const { store } = deps;
  const { writer } = deps.repositories;
  const inTurn = createIdQueue();

  function commitOf(session: Session, from: DiscardBody["from"]): string {
    if (from === "base") return session.baseCommit;
    const checkpoint = store.findCheckpoint(session.id, from);
    if (!checkpoint) throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
    return checkpoint.commit;
  }

  async function discard(id: SessionId, body: DiscardBody): Promise<Discarded> {
    const before = deps.requireState(id);
    const key = { discard: id, ...body };
    if (wasCreated(store, body.id, key)) {
      const { lastCheckpointId } = before.session;
      const last = lastCheckpointId === null ? undefined : store.findCheckpoint(id, lastCheckpointId);
      return { session: before.session, checkpoint: last ?? null };
    }
    requireIdle(before);
    const { session } = before;
    if (session.lastCommit === null) throw new AppError("work.nothing", "The session has not changed anything yet.");
    const paths = [...new Set(body.files.map(({ path }) => path))];
    const checkpointId = newId("checkpoint");
    const commit = await writer.discard({
      sessionId: id,
      repositoryId: session.repository.id,
      checkpointId,
      head: session.lastCommit,
      identity: await deps.repositories.service.identity(session.repository.path),
      message: commitMessage(`Discard changes to ${paths.join(", ")}`, id),
      from: commitOf(session, body.from),
      files: body.files,
    });
    if (commit === null) throw new AppError("work.nothing", "These changes are not there any more: load them again.");
    const changes = await writer.count(id, session.baseCommit, commit);
    return recordMadeCheckpoint(deps, before, {
      checkpointId,
      commit,
      changes,
      turn: await writer.count(id, session.lastCommit, commit),
      origin: "discard",
      restored: { reason: "discard", paths },
      also: () => body.id !== undefined && store.recordCreation(body.id, hashOf(key)),
    });
  }

  return {
    /** Throws `session.busy`, `work.nothing`, `file.not-found`, and `work.conflicts` where a hunk is not there any more. */
    discard: (id: SessionId, body: DiscardBody): Promise<Discarded> => inTurn(body.id, () => discard(id, body)),
  };
}
