"use client";

import type { JobKind } from "@background-agents/shared/jobs/job";
import type { Session } from "@background-agents/shared/sessions/session";
import { ArrowUpFromLine, GitPullRequest } from "lucide-react";
import type { ReactNode } from "react";
import { startJob } from "../../api/publish-client.ts";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { sendTo } from "../../api/session-room.ts";
import { useSession } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { isPushBehind } from "../../lib/publish-state.ts";
import { Button } from "../../ui/button.tsx";
import { usePrimaryAct } from "../../ui/primary-act.ts";
import { PullRequestBadge } from "../../ui/pull-request-badge.tsx";
import { showError } from "../../ui/toast.tsx";
import { JobTray } from "./job-tray.tsx";
import { PublishMenu } from "./publish-menu.tsx";

/** The foot of the inspector: what can be done with what came out. `aside` stands at its end. */
export function PublishBar({ aside }: { aside?: ReactNode }) {
  const session = useSession((state) => state.session);
  // Of a deleted session nothing goes out.
  if (!session || session.lastCheckpointId === null || session.deletedAt !== null) return <JobTray />;
  return (
    <>
      <JobTray />
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-t px-4 py-2.5">
        <PublishMenu session={session} />
        <PullRequestAct session={session} />
        {aside && <div className="ml-auto min-w-0">{aside}</div>}
      </div>
    </>
  );
}

function PullRequestAct({ session }: { session: Session }) {
  const { pullRequest, changes, status, openComments } = session;
  const opening = useRunning("pull-request");
  const pushing = useRunning("push");
  const worthIt =
    !opening && pullRequest === null && status === "idle" && (changes?.files ?? 0) > 0 && openComments === 0;
  const primary = usePrimaryAct("pull-request", worthIt);
  if (pullRequest === null || pullRequest.state !== "open") {
    return (
      <>
        {pullRequest && <BadgeButton session={session} />}
        {(pullRequest?.state !== "merged" || isPushBehind(session)) && (
          <Button
            look={primary ? "primary" : "outline"}
            disabled={opening || (changes?.files ?? 0) === 0}
            onClick={() => openSessionDialog({ kind: "pull-request" })}
          >
            <GitPullRequest size={14} aria-hidden />
            {pullRequest ? "New pull request" : "Pull request"}
          </Button>
        )}
      </>
    );
  }
  return (
    <>
      <BadgeButton session={session} />
      {isPushBehind(session) && (
        <Button
          disabled={status !== "idle" || pushing}
          title={status === "idle" ? undefined : "After the turn"}
          onClick={() => pushAgain(session)}
        >
          <ArrowUpFromLine size={14} aria-hidden />
          Push update
        </Button>
      )}
    </>
  );
}

function useRunning(kind: JobKind): boolean {
  return useSession(({ jobs }) => Object.values(jobs).some((job) => job?.status === "running" && job.kind === kind));
}

function BadgeButton({ session: { pullRequest } }: { session: Session }) {
  if (!pullRequest) return null;
  return (
    <Button look="quiet" className="font-normal" onClick={() => sendTo("pull-request")}>
      <PullRequestBadge pullRequest={pullRequest} />
    </Button>
  );
}

/** To where the last push went; asks where that needs an answer. */
function pushAgain({ id, push }: Session): void {
  const body = push ? { remote: push.remote, branch: push.branch } : {};
  startJob(id, { kind: "push", body }).catch((error: unknown) => {
    showError(messageOf(error));
    openSessionDialog({ kind: "push" });
  });
}
