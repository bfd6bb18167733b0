"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type JobRequest, startJob } from "../../api/publish-client.ts";
import { proposalQuery } from "../../api/publish-queries.ts";
import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { AppError, messageOf } from "../../lib/app-error.ts";

/** Starts a job from a dialog: it closes once the job is under way, and stays with the reason where it was refused. */
export function useStartJob(then?: () => void) {
  const { sessionId } = useSessionStore();
  const queries = useQueryClient();
  const [starting, setStarting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function start(request: JobRequest): Promise<void> {
    setStarting(true);
    setProblem(null);
    try {
      await startJob(sessionId, request);
      then?.();
      closeSessionDialog();
    } catch (error) {
      setProblem(messageOf(error));
      setStarting(false);
      // There is more to read than what the dialog shows; what was written in it stays.
      const isNews = error instanceof AppError && error.code === "work.executes";
      if (isNews) void queries.invalidateQueries({ queryKey: proposalQuery(sessionId).queryKey });
    }
  }

  return { start: (request: JobRequest) => void start(request), starting, problem };
}
