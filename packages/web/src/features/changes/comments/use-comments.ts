"use client";

import type { SessionId } from "@background-agents/shared/ids";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { commentsQuery } from "../../../api/review-queries.ts";
import type { LiveSession } from "../../../api/session-store.ts";
import { useSession } from "../../../api/use-session.tsx";

/** The end of a prompt changes which comments can be sent. */
const CHANGES_COMMENTS =
  /^(comment\.|checkpoint\.created$|work\.restored$|prompt\.(completed|failed|interrupted|cancelled)$)/;

/** Seq of the last event after which comments may read differently. */
function lastChange({ events }: LiveSession): number {
  return events.findLast(({ type }) => CHANGES_COMMENTS.test(type))?.seq ?? 0;
}

/** The session's review comments, read anew with each event that changes or moves one. */
export function useComments(sessionId: SessionId) {
  const queries = useQueryClient();
  const seq = useSession(lastChange);
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: commentsQuery(sessionId).queryKey });
  }, [queries, sessionId, seq]);
  return useQuery(commentsQuery(sessionId));
}
