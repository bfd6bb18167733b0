"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { proposalQuery } from "../../api/publish-queries.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";

/** What a dialog begins with, and whether the user has read the files that tools execute. */
export function useProposal() {
  const { sessionId } = useSessionStore();
  const { data: proposal, error } = useQuery(proposalQuery(sessionId));
  const [read, setRead] = useState(false);
  const executed = proposal?.executed ?? [];
  return {
    proposal,
    loadProblem: error ? messageOf(error) : null,
    executed,
    read,
    setRead,
    /** Something to read is still unread. */
    unread: executed.length > 0 && !read,
    /** For the request: what was read. */
    acknowledged: executed.length > 0 ? { acknowledgeExecuted: read } : {},
  };
}
