import type { Session } from "@background-agents/shared/sessions/session";
import type { PublishOutcome } from "../repositories/publish.ts";
import type { Repositories } from "../repositories/repositories.ts";
import type { BundleUpload } from "../sandboxes/sandbox-hub.ts";
import type { SessionState } from "./session-state.ts";

/** A session's work on its way in, from the sandbox, and out, to its branch in the user's repository. */
export function createSessionWork(deps: {
  repositories: Pick<Repositories, "publisher" | "quarantine">;
  /** Why the work tree that check-out made must stay as it is; null where it may follow. */
  findHold: (session: Session) => Promise<string | null>;
}) {
  const { publisher, quarantine } = deps.repositories;
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

    publish: async ({ session }: SessionState): Promise<PublishOutcome> =>
      publisher.publish({
        repositoryPath: session.repository.path,
        quarantinePath: quarantine.path(session.id),
        commit: session.lastCommit ?? session.baseCommit,
        branch: session.branch,
        previous: session.publishedCommit,
        ownWorktree: session.checkout?.path ?? null,
        hold: await deps.findHold(session),
      }),
  };
}
