import type { SessionId, TurnId } from "@background-agents/shared/ids";
import type { LiveChanges } from "@background-agents/shared/sessions/session";
import type { EventHub } from "../events/event-hub.ts";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { LiveUpload } from "../sandboxes/sandbox-hub.ts";
import { activePrompt } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";

export type LiveChangesRoom = ReturnType<typeof createLiveChanges>;

/**
 * What running turns have changed so far. A courtesy to the one who watches: kept beside the checkpoints, in memory and
 * in a repository of its own, and gone with the turn.
 */
export function createLiveChanges(deps: {
  store: SessionStore;
  hub: EventHub;
  quarantine: Pick<Quarantine, "importLive" | "findLive" | "removeLive" | "changes">;
  log: Log;
}) {
  const { store, hub, quarantine } = deps;
  const current = new Map<SessionId, LiveChanges>();

  function runningTurn(sessionId: SessionId): string | null | undefined {
    const state = store.find(sessionId);
    return state && activePrompt(state)?.turnId;
  }

  function publish(sessionId: SessionId, live: LiveChanges | null): void {
    if (live) current.set(sessionId, live);
    else current.delete(sessionId);
    hub.publish(sessionId, { type: "live", live });
  }

  async function drop(sessionId: SessionId, turnId: TurnId): Promise<void> {
    if (current.get(sessionId)?.turnId === turnId) publish(sessionId, null);
    await quarantine.removeLive(sessionId, turnId);
  }

  /** Finds again what a turn showed before the server was restarted. */
  async function recoverOne(sessionId: SessionId): Promise<void> {
    const found = await quarantine.findLive(sessionId);
    if (!found) return;
    const state = store.find(sessionId);
    if (!state || runningTurn(sessionId) !== found.turnId) return drop(sessionId, found.turnId);
    const files = await quarantine.changes({ sessionId, from: state.session.baseCommit, to: found.commit });
    const counts = { files: files.length, additions: 0, deletions: 0 };
    for (const { additions, deletions } of files) {
      counts.additions += additions;
      counts.deletions += deletions;
    }
    if (runningTurn(sessionId) === found.turnId) publish(sessionId, { ...found, ...counts });
  }

  return {
    read: (sessionId: SessionId): LiveChanges | null => current.get(sessionId) ?? null,

    /** Takes the working tree of the running turn in. Throws `checkpoint.refused`. */
    async receive(sessionId: SessionId, { turnId, commit, body }: LiveUpload): Promise<void> {
      const state = store.find(sessionId);
      if (!state || runningTurn(sessionId) !== turnId) {
        body.resume();
        throw new AppError("checkpoint.refused", "The turn is not running any more.");
      }
      const { repository, baseCommit } = state.session;
      const changes = await quarantine.importLive({
        ...{ sessionId, turnId, commit, baseCommit, bundle: body },
        repositoryId: repository.id,
      });
      if (runningTurn(sessionId) === turnId) publish(sessionId, { commit, turnId, ...changes });
      else await drop(sessionId, turnId);
    },

    /** Lets go of what a turn showed that is over. May be called at any time. */
    async settle(sessionId: SessionId): Promise<void> {
      const live = current.get(sessionId);
      if (live && runningTurn(sessionId) !== live.turnId) await drop(sessionId, live.turnId);
    },

    async recover(): Promise<void> {
      for (const sessionId of store.listUnpurged()) {
        await recoverOne(sessionId).catch((error: unknown) => {
          deps.log.warn({ sessionId, error: messageOf(error) }, "what the running turn changed was not found again");
        });
      }
    },
  };
}
