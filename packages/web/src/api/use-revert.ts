"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { useState } from "react";
import { messageOf } from "../lib/app-error.ts";
import { showError, showToast } from "../ui/toast.tsx";
import { revertSession } from "./time-travel-client.ts";
import { useSession, useSessionStore } from "./use-session.tsx";

/**
 * Going back in the session. `obstacle` says why not now; `words` of a revert name where it went, in a toast that can
 * undo it (null: no toast, the timeline says enough).
 */
export function useRevert() {
  const store = useSessionStore();
  const last = useSession((state) => state.session?.lastCheckpointId ?? null);
  const obstacle = useSession(({ session }) => revertObstacle(session));
  const [reverting, setReverting] = useState(false);

  async function go(checkpointId: CheckpointId | null, words: string | null): Promise<void> {
    setReverting(true);
    try {
      await revertSession(store.sessionId, checkpointId);
      if (words !== null) {
        const run = () => {
          // The toast may be older than what stands in the session now.
          if (store.getState().session?.lastCheckpointId === checkpointId) void go(last, null);
          else showError("The work has gone on since then: revert to the turn you want.");
        };
        showToast({ text: words, ...(last === checkpointId ? {} : { action: { label: "Undo", run } }) });
      }
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setReverting(false);
    }
  }

  return {
    revert: (checkpointId: CheckpointId | null, words: string | null) => void go(checkpointId, words),
    obstacle,
    reverting,
    /** Where the work stands. */
    last,
  };
}

/** Why the work cannot be brought elsewhere now; null where it can. */
function revertObstacle(session: Session | null): string | null {
  if (session === null) return null;
  const { status, deletedAt } = session;
  if (deletedAt !== null) return "The session is deleted: restore it first";
  if (status === "idle" || status === "failed") return null;
  return status === "queued" ? "A prompt waits to run: cancel it first" : "While a turn runs: stop it first";
}
