import type { SessionId } from "@background-agents/shared/ids";
import type { ExecutedFile } from "@background-agents/shared/protocol/publish-commands";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";

export type ExecutedWork = ReturnType<typeof createExecutedWork>;

/** What the user says of the files that tools execute: that they saw them, and at which commit. */
export interface AcknowledgingWord {
  acknowledgeExecuted?: boolean | undefined;
  commit?: string | undefined;
}

/**
 * Asks for a second look before work leaves the sandbox that changes files which tools execute. The user's word holds
 * for one commit, until the server ends: then it is asked again.
 */
export function createExecutedWork(deps: {
  listChanges: (range: { sessionId: SessionId; from: string; to: string }) => Promise<ChangedFile[]>;
}) {
  const acknowledged = new Map<SessionId, string>();

  async function listBetween(session: Session, from: string): Promise<ExecutedFile[]> {
    const { id: sessionId, lastCommit: to } = session;
    if (to === null || to === from) return [];
    const changes = await deps.listChanges({ sessionId, from, to });
    // A file that is gone runs no more.
    return changes.flatMap(({ path, executedBy, status }) =>
      executedBy === null || status === "deleted" ? [] : [{ path, executedBy }],
    );
  }

  const list = (session: Session): Promise<ExecutedFile[]> => listBetween(session, session.baseCommit);

  return {
    /** Files between the session's base and its last checkpoint that tools execute. */
    list,

    /**
     * Throws `work.executes` with `details` `{ files, commit }` unless there are none, or the user has seen them at this
     * commit. A word about another commit does not count, nor one about none: a turn may have ended since they looked.
     */
    async requireAcknowledged(session: Session, word: AcknowledgingWord = {}): Promise<void> {
      const { id, lastCommit } = session;
      if (lastCommit === null) return;
      if (word.acknowledgeExecuted && word.commit === lastCommit) acknowledged.set(id, lastCommit);
      if (acknowledged.get(id) === lastCommit) return;
      const files = await list(session);
      if (files.length === 0) return;
      const { before, advice } = answerTo(word, lastCommit);
      throw new AppError(
        "work.executes",
        `${before}The work changes files that tools execute (${inWords(files)}): look at them, then confirm.`,
        { details: { files, commit: lastCommit, advice } },
      );
    },

    /**
     * Why the work tree that was checked out must not go along with the branch by itself: the user has not seen what
     * would be executed there. Null where nothing speaks against it.
     */
    async findHold(session: Session): Promise<string | null> {
      const { id, checkout, lastCommit } = session;
      if (!checkout || acknowledged.get(id) === lastCommit) return null;
      const files = await listBetween(session, checkout.commit);
      if (files.length === 0) return null;
      const why = `The new work changes files that tools execute (${inWords(files)})`;
      return `${why}, so the work tree ${checkout.path} does not go along by itself: check out again to confirm.`;
    },
  };
}

/** What is said to a word that does not count. To ask for the same once more would not help where it names no commit. */
function answerTo(word: AcknowledgingWord, lastCommit: string): { before: string; advice: string } {
  if (word.acknowledgeExecuted && word.commit === undefined) {
    return {
      before: "The confirmation does not say which commit was looked at. ",
      advice:
        "Reload the page, look at the files in the changes, then ask for it again. By the API, send `commit` along with " +
        "`acknowledgeExecuted`: it is in this answer's `details.commit`.",
    };
  }
  const hasGoneOn = word.commit !== undefined && word.commit !== lastCommit;
  return {
    before: hasGoneOn ? "The work has gone on since. " : "",
    advice: "Look at the files in the changes, then ask for it again.",
  };
}

function inWords(files: readonly ExecutedFile[]): string {
  const names = files.slice(0, 5).map(({ path }) => path);
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return names.join(", ") + more;
}
