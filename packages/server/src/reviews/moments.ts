import type { SessionId } from "@background-agents/shared/ids";
import type { DiffPoint } from "@background-agents/shared/protocol/commands";
import type { LiveChanges } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import type { SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";

export type Moments = ReturnType<typeof createMoments>;

/** From the names of moments to commits: `base`, `head`, `live`, `looked`, or a checkpoint. */
export function createMoments(deps: {
  store: Pick<SessionStore, "find" | "findCheckpoint">;
  readLive: (sessionId: SessionId) => LiveChanges | null;
}) {
  const { store } = deps;

  function requireState(sessionId: SessionId): SessionState {
    const state = store.find(sessionId);
    if (!state) throw new AppError("session.not-found", "There is no such session.");
    return state;
  }

  /** The commit of a moment. Throws `session.not-found` and `checkpoint.not-found`. */
  function requireCommit(sessionId: SessionId, point: DiffPoint): string {
    const { baseCommit, lastCommit, lookedCheckpointId } = requireState(sessionId).session;
    const head = lastCommit ?? baseCommit;
    switch (point) {
      case "base":
        return baseCommit;
      case "head":
        return head;
      case "live":
        return deps.readLive(sessionId)?.commit ?? head;
      case "looked":
        return lookedCheckpointId === null ? baseCommit : requireCommit(sessionId, lookedCheckpointId);
      default: {
        const checkpoint = store.findCheckpoint(sessionId, point);
        if (!checkpoint) throw new AppError("checkpoint.not-found", "The session has no such checkpoint.");
        return checkpoint.commit;
      }
    }
  }

  /**
   * Reads what lies at some moments. A turn that ends takes what it showed with it, also between asking where that is and
   * reading it: then what the moments mean by now is read.
   */
  async function readAt<T>(
    sessionId: SessionId,
    points: readonly DiffPoint[],
    read: (commits: string[]) => Promise<T>,
  ): Promise<T> {
    const find = () => points.map((point) => requireCommit(sessionId, point));
    const commits = find();
    try {
      return await read(commits);
    } catch (error) {
      const now = find();
      if (now.every((commit, index) => commit === commits[index])) throw error;
      return read(now);
    }
  }

  return { requireState, requireCommit, readAt };
}
