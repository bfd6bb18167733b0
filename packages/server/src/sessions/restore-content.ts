import type { Readable } from "node:stream";
import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import type { SessionStore } from "./session-store.ts";

/** What a session's last checkpoint holds, for a sandbox that lost its volumes; undefined where there is nothing to bring. */
export async function openRestore(
  deps: {
    store: SessionStore;
    quarantine: {
      openBundle(request: { sessionId: SessionId; checkpointId: CheckpointId; baseCommit: string }): Promise<Readable>;
      openConversation(sessionId: SessionId, checkpointId: CheckpointId): Readable | undefined;
    };
  },
  sessionId: SessionId,
  what: "bundle" | "conversation",
): Promise<Readable | undefined> {
  const state = deps.store.find(sessionId);
  const checkpointId = state?.session.lastCheckpointId;
  if (!state || !checkpointId) return undefined;
  if (what === "conversation") return deps.quarantine.openConversation(sessionId, checkpointId);
  const { baseCommit, lastCommit } = state.session;
  if (lastCommit === baseCommit) return undefined;
  return deps.quarantine.openBundle({ sessionId, checkpointId, baseCommit });
}
