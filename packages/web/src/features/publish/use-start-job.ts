"use client";

import { useState } from "react";
import { type JobRequest, startJob } from "../../api/publish-client.ts";
import { closeSessionDialog } from "../../api/session-dialog.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";

/** Starts a job from a dialog: it closes once the job is under way, and stays with the reason where it was refused. */
export function useStartJob(then?: () => void) {
  const { sessionId } = useSessionStore();
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
    }
  }

  return { start: (request: JobRequest) => void start(request), starting, problem };
}
