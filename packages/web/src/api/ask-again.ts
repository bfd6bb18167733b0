import type { SessionId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import { requestOf, startJob } from "./publish-client.ts";
import { openSessionDialog } from "./session-dialog.ts";
import { updateBase } from "./time-travel-client.ts";

/**
 * Does once more what failed: as it was asked from this page, or by its dialog where another page asked. Throws AppError
 * where it is refused again.
 */
export async function askAgain(sessionId: SessionId, job: Pick<Job, "id" | "kind">): Promise<void> {
  const request = requestOf(job.id);
  if (request) await startJob(sessionId, request);
  else if (job.kind === "publish") await startJob(sessionId, { kind: "publish", body: {} });
  else if (job.kind === "update-base") await updateBase(sessionId, { how: "merge" });
  else if (job.kind !== "discard") openSessionDialog({ kind: job.kind });
}
