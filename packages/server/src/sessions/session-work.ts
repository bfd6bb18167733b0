import type { Repositories } from "../repositories/repositories.ts";
import type { BundleUpload } from "../sandboxes/sandbox-hub.ts";
import type { SessionState } from "./session-state.ts";

/** A session's work on its way in, from the sandbox; publishing has the ways out. */
export function createSessionWork(deps: { repositories: Pick<Repositories, "quarantine"> }) {
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
  };
}
