"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { discardChanges } from "../../api/reviews-client.ts";
import { revertSession } from "../../api/time-travel-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { showError, showToast } from "../../ui/toast.tsx";
import type { DiffHunk } from "./diff/hunks.ts";
import type { Scope } from "./scope/build-scopes.ts";

/** Taking changes back out of the work as it stands, and why that cannot be done now. */
export function useDiscard(scope: Scope) {
  const { sessionId } = useSessionStore();
  const head = useSession(({ session }) => session?.lastCheckpointId ?? null);
  const resting = useSession(({ session }) => session?.status === "idle" || session?.status === "failed");
  const refusal = refusalOf(head, resting, scope);

  async function discard(file: ChangedFile, hunk?: DiffHunk): Promise<void> {
    const { from } = scope.diff;
    if (refusal || from === "head" || from === "live" || from === "looked") return;
    const hunks = hunk ? { hunks: [hunk.header] } : {};
    try {
      await discardChanges(sessionId, { from, files: [{ path: file.path, ...hunks }] });
      const what = hunk ? "a change in " : "";
      const undo = () => {
        revertSession(sessionId, head).catch((error: unknown) => showError(messageOf(error)));
      };
      showToast({ text: `Discarded ${what}${file.path}`, action: { label: "Undo", run: undo } });
    } catch (error) {
      showError(messageOf(error));
    }
  }

  return { refusal, discard: (file: ChangedFile, hunk?: DiffHunk) => void discard(file, hunk) };
}

function refusalOf(head: CheckpointId | null, resting: boolean, { reachesNow, diff }: Scope): string | null {
  if (head === null) return "There is nothing saved to discard from.";
  if (!resting) return "A turn runs: discard once it has ended, or stop it.";
  if (!reachesNow || diff.to === "live") return "Only what is in the work as it stands now can be discarded.";
  return null;
}
