"use client";

import type { JobEntry, JobOutcome } from "@background-agents/shared/sessions/timeline";
import {
  ArrowUpFromLine,
  CircleSlash,
  FolderSync,
  FolderX,
  GitBranch,
  GitMerge,
  GitPullRequest,
  type LucideIcon,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import { useState } from "react";
import { askAgain } from "../../api/ask-again.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { sentence } from "../../lib/sentence.ts";
import { EditorLink } from "../../ui/editor-link.tsx";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { showError } from "../../ui/toast.tsx";

const ICONS: Record<JobEntry["job"], LucideIcon> = {
  publish: GitBranch,
  push: ArrowUpFromLine,
  "pull-request": GitPullRequest,
  checkout: FolderSync,
  "remove-checkout": FolderX,
  apply: GitMerge,
  "update-base": GitMerge,
  discard: Undo2,
};

/** Work the server did beside the turns, in one line: what it does, then what came of it. */
export function JobLine({ job }: { job: JobEntry }) {
  const Icon = ICONS[job.job];
  if (job.status === "failed" && job.error) return <FailedJob job={job} error={job.error} />;
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <Icon size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        {job.status === "running" ? `${sentence(job.summary)}…` : sentence(job.result ?? job.summary)}
        {job.outcome && <OutcomeLink outcome={job.outcome} />}
      </span>
    </p>
  );
}

function FailedJob({ job, error }: { job: JobEntry; error: NonNullable<JobEntry["error"]> }) {
  const { sessionId } = useSessionStore();
  const [asking, setAsking] = useState(false);
  // The same thing done since: nothing is to be done about this one.
  const isNewest = useSession(({ events }) => {
    const last = events.findLast((event) => event.type === "job.started" && event.data.kind === job.job);
    return last?.type === "job.started" && last.data.jobId === job.jobId;
  });

  function again(): void {
    setAsking(true);
    askAgain(sessionId, { id: job.jobId, kind: job.job })
      .catch((failure: unknown) => showError(messageOf(failure)))
      .finally(() => setAsking(false));
  }

  // What the user ended is no failure.
  const cancelled = error.code === "job.cancelled";
  return (
    <div className="flex gap-2.5 py-1">
      {cancelled ? (
        <CircleSlash size={15} className="mt-0.5 shrink-0 text-ink-3" aria-label="cancelled" />
      ) : (
        <TriangleAlert size={15} className="mt-0.5 shrink-0 text-fail" aria-label="failed" />
      )}
      <div className="min-w-0">
        <p className={cn("break-words whitespace-pre-wrap", cancelled && "text-ink-2")}>
          {cancelled ? (
            `You cancelled: ${job.summary}`
          ) : (
            <>
              <span className="text-fail">Did not {job.summary}:</span> {error.message}
            </>
          )}
        </p>
        {!cancelled && error.advice && <p className="break-words text-ink-2">{error.advice}</p>}
        {(isNewest || error.url) && (
          <p className="flex flex-wrap items-center gap-x-4 pt-0.5">
            {isNewest && job.job !== "discard" && (
              <button
                type="button"
                disabled={asking}
                onClick={again}
                className="text-accent underline-offset-2 not-disabled:hover:underline disabled:text-ink-3"
              >
                Try again
              </button>
            )}
            {error.url && <OutsideLink href={error.url}>Open {hostOf(error.url)}</OutsideLink>}
          </p>
        )}
      </div>
    </div>
  );
}

/** What came of something that no job did: a push by the agent. */
export function OutcomeLine({ outcome }: { outcome: JobOutcome }) {
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <ArrowUpFromLine size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        {outcomeWords(outcome)}
        <OutcomeLink outcome={outcome} />
      </span>
    </p>
  );
}

function OutcomeLink({ outcome }: { outcome: JobOutcome }) {
  if (outcome.kind === "checked-out") {
    return (
      <span className="block">
        <EditorLink path={outcome.path} />
      </span>
    );
  }
  if (outcome.kind === "pull-request") {
    return (
      <OutsideLink href={outcome.url} className="ml-2">
        {hostOf(outcome.url)}
      </OutsideLink>
    );
  }
  return null;
}

function outcomeWords(outcome: JobOutcome): string {
  switch (outcome.kind) {
    case "pushed":
      return `Pushed to ${outcome.push.remote} as ${outcome.push.branch}`;
    case "checked-out":
      return `Checked out at ${outcome.path}`;
    case "applied":
      return `Applied to ${outcome.branch} as ${APPLIED_WORDS[outcome.how]}`;
    case "pull-request":
      return "Opened a pull request";
  }
}

const APPLIED_WORDS = { commits: "its commits", squash: "one commit", patch: "uncommitted changes" };

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
