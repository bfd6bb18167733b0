"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../lib/app-error.ts";
import { showError, showToast } from "../ui/toast.tsx";
import { noteSession } from "./fleet-store.ts";
import { archivedQuery, deletedQuery } from "./queries.ts";
import { restoreSession } from "./sessions-client.ts";

/** Has a deleted session back, where it was: in the list, or in the archive. */
export function useRestore() {
  const queries = useQueryClient();
  const [restoring, setRestoring] = useState(false);

  async function restore({ id }: Session): Promise<void> {
    setRestoring(true);
    try {
      const session = await restoreSession(id);
      if (!session.archived) noteSession(session);
      showToast({ text: `“${session.title}” is back in the ${session.archived ? "archive" : "list"}` });
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setRestoring(false);
      for (const { queryKey } of [deletedQuery, archivedQuery]) void queries.invalidateQueries({ queryKey });
    }
  }

  return { restore: (session: Session) => void restore(session), restoring };
}
