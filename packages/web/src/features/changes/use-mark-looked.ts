"use client";

import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import { useEffect, useRef } from "react";
import { updateSession } from "../../api/sessions-client.ts";

/** Shorter is passing by, not looking. */
const LOOKED_MS = 3000;

/** Remembers `shown` as looked at once its changes were in view for a moment and the user turns away from them. */
export function useMarkLooked(sessionId: SessionId, shown: CheckpointId | null, known: CheckpointId | null): void {
  const since = useRef<{ checkpoint: CheckpointId; at: number } | null>(null);
  const marked = useRef(known);
  marked.current = known;
  useEffect(() => {
    if (!shown) return;
    since.current = { checkpoint: shown, at: Date.now() };
    function leave(): void {
      const looked = since.current;
      if (!looked || Date.now() - looked.at < LOOKED_MS || looked.checkpoint === marked.current) return;
      // A mark that does not arrive is made the next time.
      updateSession(sessionId, { lookedCheckpointId: looked.checkpoint }).catch(() => undefined);
    }
    function onVisibility(): void {
      if (document.visibilityState === "hidden") leave();
      else if (since.current) since.current.at = Date.now();
    }
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      leave();
    };
  }, [sessionId, shown]);
}
