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
  /** The commit at which they were read: a turn may end while the dialog is open. */
  const [readAt, setReadAt] = useState<string | null>(null);
  const commit = proposal?.commit ?? null;
  const executed = proposal?.executed ?? [];
  const read = commit !== null && readAt === commit;
  return {
    proposal,
    loadProblem: error ? messageOf(error) : null,
    /** In words, while neither is known. Nothing is sent before: what is to be read first is part of it. */
    waiting: proposal || error ? null : "Looking at the work and where it can go…",
    executed,
    read,
    setRead: (checked: boolean) => setReadAt(checked ? commit : null),
    /** Something to read is still unread. */
    unread: executed.length > 0 && !read,
    /** For the request: what was read. */
    acknowledged: executed.length > 0 && commit !== null ? { acknowledgeExecuted: read, commit } : {},
  };
}
