import type { SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import { AppError } from "../lib/app-error.ts";
import { type JobRequest, requestOf, startJob } from "./publish-client.ts";
import { openSessionDialog } from "./session-dialog.ts";
import { updateBase } from "./time-travel-client.ts";

/**
 * Does once more what failed: as it was asked from this page, or by its dialog where another page asked. Throws AppError
 * where it is refused again.
 */
export async function askAgain(sessionId: SessionId, job: Pick<Job, "id" | "kind">): Promise<void> {
  const request = requestOf(job.id);
  if (request) await startJob(sessionId, request).catch((error: unknown) => lookFirst(request, error));
  else if (job.kind === "publish") await startJob(sessionId, { kind: "publish", body: {} });
  else if (job.kind === "update-base") await updateBase(sessionId, { how: "merge" });
  else if (job.kind !== "discard") openSessionDialog({ kind: job.kind });
}

/** Files that tools execute came since it was asked: the dialog shows them. Anything else is thrown on. */
function lookFirst({ kind }: JobRequest, error: unknown): void {
  if (!(error instanceof AppError) || error.code !== "work.executes" || kind === "publish") throw error;
  openSessionDialog({ kind });
}
