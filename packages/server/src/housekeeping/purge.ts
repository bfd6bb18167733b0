import type { SessionId } from "@background-agents/shared/ids";
import type { BlobStore } from "../blobs/blob-store.ts";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { Mirrors } from "../repositories/mirror.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxProvider } from "../sandboxes/sandbox-provider.ts";
import { RETENTION_MS } from "../sessions/session-deletion.ts";
import { decide } from "../sessions/session-machine.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";

export interface PurgeDeps {
  store: Pick<SessionStore, "find" | "listDeletedUntil">;
  recorder: Pick<SessionRecorder, "record">;
  sandboxes: Pick<SandboxManager, "stop">;
  provider: Pick<SandboxProvider, "list" | "remove" | "removeVolumes">;
  quarantine: Pick<Quarantine, "remove">;
  mirrors: Pick<Mirrors, "unpin">;
  blobs: Pick<BlobStore, "forget">;
  clock: Clock;
  log: Log;
}

/**
 * Purges sessions that were deleted more than 7 days ago: container, volumes, checkpoints, outputs, the pin in the mirror; then
 * records it. Each step may be repeated and the record comes last, so a crash between two of them only means that all
 * are done again. Never touches `agents/*` in the user's repository. Answers how many were purged; one that fails is
 * logged and tried again the next time.
 */
export async function purgeDeleted(deps: PurgeDeps): Promise<number> {
  const { clock, log } = deps;
  let purged = 0;
  for (const sessionId of deps.store.listDeletedUntil(new Date(clock.now().getTime() - RETENTION_MS).toISOString())) {
    try {
      await purge(deps, sessionId);
      purged += 1;
    } catch (error) {
      log.warn(
        { sessionId, error: messageOf(error) },
        "a deleted session could not be purged; the next look is in 1 h",
      );
    }
  }
  return purged;
}

async function purge(deps: PurgeDeps, sessionId: SessionId): Promise<void> {
  const { provider, recorder, clock } = deps;
  const state = deps.store.find(sessionId);
  if (!state) return;
  await deps.sandboxes.stop(sessionId, "the session was deleted");
  for (const instance of await provider.list()) {
    if (instance.sessionId === sessionId) await provider.remove(instance.handle);
  }
  await provider.removeVolumes(sessionId);
  await deps.quarantine.remove(sessionId);
  await deps.blobs.forget(sessionId);
  await deps.mirrors.unpin(state.session.repository.id, sessionId);
  recorder.record(sessionId, (now) => decide(now, { type: "session.purge", now: clock.now() }));
}
