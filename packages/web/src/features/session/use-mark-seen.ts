"use client";

import { useEffect } from "react";
import { updateSession } from "../../api/sessions-client.ts";
import { useSession } from "../../api/use-session.tsx";

/** Long enough that stepping through sessions marks nothing. */
const LOOKED_AT_MS = 1500;

/** Tells the server that what a resting session did has been looked at, once it was in view for a moment. */
export function useMarkSeen(): void {
  const id = useSession((state) => state.session?.id);
  const unseen = useSession((state) => {
    const session = state.session;
    // A deleted one takes no marks, and is in no list that would show them.
    if (session === null || session.deletedAt !== null || session.status !== "idle") return null;
    return session.lastSeq > session.seenSeq ? session.lastSeq : null;
  });
  useEffect(() => {
    if (!id || unseen === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    function look(): void {
      clearTimeout(timer);
      if (!id || unseen === null || document.visibilityState === "hidden") return;
      timer = setTimeout(() => {
        // The next look tries again; nothing is lost with a mark that did not arrive.
        updateSession(id, { seenSeq: unseen }).catch(() => undefined);
      }, LOOKED_AT_MS);
    }
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [id, unseen]);
}
