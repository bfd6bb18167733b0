import type { Readable } from "node:stream";
import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import { AppError } from "../lib/app-error.ts";
import type { Repositories } from "../repositories/repositories.ts";
import type { BundleUpload } from "../sandboxes/sandbox-hub.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** A session's work on its way in, from the sandbox; publishing has the ways out. */
export function createSessionWork(deps: {
  repositories: Pick<Repositories, "quarantine">;
  store: Pick<SessionStore, "find">;
  /** The body without the values of secrets. */
  redactBody: (sessionId: SessionId, body: Readable) => Readable;
}) {
  const { quarantine } = deps.repositories;
  return {
    importBundle: ({ session }: SessionState, upload: BundleUpload) =>
      quarantine.importBundle({
        sessionId: session.id,
        repositoryId: session.repository.id,
        checkpointId: upload.checkpointId,
        commit: upload.commit,
        baseCommit: session.baseCommit,
        previousCommit: session.lastCommit ?? session.baseCommit,
        bundle: upload.body,
      }),

    /**
     * Keeps the conversation that follows a checkpoint: of the session's last one only. Under another id it would write
     * over what was kept, or be kept where nothing leads to it. Throws `checkpoint.refused`.
     */
    async takeConversation(sessionId: SessionId, checkpointId: CheckpointId, body: Readable): Promise<void> {
      if (deps.store.find(sessionId)?.session.lastCheckpointId !== checkpointId) {
        body.resume();
        throw new AppError("checkpoint.refused", "The conversation is not that of the session's last checkpoint.");
      }
      await quarantine.saveConversation(sessionId, checkpointId, deps.redactBody(sessionId, body));
    },
  };
}
