"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { discardChanges } from "../../api/reviews-client.ts";
import { revertSession } from "../../api/time-travel-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { showError, showToast } from "../../ui/toast.tsx";
import type { Scope } from "./scope/build-scopes.ts";

export interface Restoring {
  /** The step that is looked at. */
  step: CheckpointId;
  /** Why nothing can be restored now; null where it can. */
  refusal: string | null;
  restore: (file: ChangedFile) => void;
}

/**
 * Bringing a file back to how the step in view left it, whatever came after; null where the view ends with the work as it
 * stands now.
 */
export function useRestoreFile({ label, diff: { to }, reachesNow }: Scope): Restoring | null {
  const { sessionId } = useSessionStore();
  const head = useSession(({ session }) => session?.lastCheckpointId ?? null);
  const resting = useSession(({ session }) => session?.status === "idle" || session?.status === "failed");
  if (reachesNow || to === head || to === "base" || to === "head" || to === "live" || to === "looked") return null;

  async function restore({ path }: ChangedFile): Promise<void> {
    try {
      await discardChanges(sessionId, { from: to as CheckpointId, files: [{ path }] });
      const undo = () => {
        revertSession(sessionId, head).catch((error: unknown) => showError(messageOf(error)));
      };
      const when = label.startsWith("Turn") ? ` as of ${label.replace("Turn", "turn")}` : "";
      showToast({ text: `Restored ${path}${when}`, action: { label: "Undo", run: undo } });
    } catch (error) {
      showError(messageOf(error));
    }
  }

  return {
    step: to,
    refusal: resting ? null : "A turn runs: restore it once it has ended, or stop it.",
    restore: (file) => void restore(file),
  };
}
