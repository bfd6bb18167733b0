import type { Readable } from "node:stream";
import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import type { RestoreWanted } from "../sandboxes/sandbox-hub.ts";
import { conversationOf } from "./conversation-of.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

export interface RestoreContentDeps {
  store: Pick<SessionStore, "find" | "findCheckpoint">;
  quarantine: {
    openBundle(request: { sessionId: SessionId; checkpointId: CheckpointId; baseCommit: string }): Promise<Readable>;
    openConversation(sessionId: SessionId, checkpointId: CheckpointId): Readable | undefined;
  };
  /** The ignored files of the user's work tree that the session gets. */
  copiedFiles: { open(top: string, paths: readonly string[]): Readable };
}

/** What is kept of a session's checkpoint (the last, where none is named); undefined where there is nothing to bring. */
export async function openRestore(
  deps: RestoreContentDeps,
  sessionId: SessionId,
  { what, checkpointId: wanted }: RestoreWanted,
): Promise<Readable | undefined> {
  const { store, quarantine } = deps;
  const state = store.find(sessionId);
  if (!state) return undefined;
  const { session } = state;
  if (what === "files") return session.copiedFiles.length > 0 ? openFiles(deps, session) : undefined;
  const checkpointId = wanted ?? session.lastCheckpointId;
  const find = (id: CheckpointId) => store.findCheckpoint(sessionId, id);
  const checkpoint = checkpointId === null ? undefined : find(checkpointId);
  if (!checkpoint) return undefined;
  if (what === "conversation") {
    const owner = conversationOf(find, checkpoint.id);
    return owner === null ? undefined : quarantine.openConversation(sessionId, owner);
  }
  const { baseCommit } = session;
  if (checkpoint.commit === baseCommit) return undefined;
  return quarantine.openBundle({ sessionId, checkpointId: checkpoint.id, baseCommit });
}

function openFiles(deps: Pick<RestoreContentDeps, "copiedFiles">, { repository, copiedFiles }: Session): Readable {
  return deps.copiedFiles.open(repository.path, copiedFiles);
}

/** What a sandbox that finds no tree begins from; undefined where that is the base. */
export function describeRestore(
  store: Pick<SessionStore, "findCheckpoint">,
  { session }: Pick<SessionState, "session">,
): SandboxSpec["restore"] {
  const { id, lastCheckpointId, lastCommit } = session;
  if (lastCheckpointId === null || lastCommit === null) return undefined;
  const find = (checkpointId: CheckpointId) => store.findCheckpoint(id, checkpointId);
  return {
    checkpointId: lastCheckpointId,
    commit: lastCommit,
    ...(find(lastCheckpointId)?.origin === "fork" && { forked: true }),
    ...(conversationOf(find, lastCheckpointId) === null && { conversation: false }),
  };
}
