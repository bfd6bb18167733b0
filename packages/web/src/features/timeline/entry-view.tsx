"use client";

import type { TimelineEntry, Turn } from "@background-agents/shared/sessions/timeline";
import { isOver } from "@background-agents/shared/sessions/build-timeline";
import { memo } from "react";
import { formatDuration } from "../../lib/format.ts";
import { stopWords } from "../../lib/stop-words.ts";
import { ApprovalLine } from "./approval-line.tsx";
import { BootSteps } from "./boot-steps.tsx";
import { CheckpointLine } from "./checkpoint-line.tsx";
import { CommentsLine } from "./comments-line.tsx";
import { ErrorNote } from "./error-note.tsx";
import { GuardLine } from "./guard-line.tsx";
import { JobLine, OutcomeLine } from "./job-line.tsx";
import { Note, Notice } from "./note.tsx";
import { PartEntryView } from "./part-entry-view.tsx";
import { PermissionLine } from "./permission-line.tsx";
import { PromptView } from "./prompt-view.tsx";
import { PullRequestLine } from "./pull-request-line.tsx";
import { QuestionLine } from "./question-line.tsx";
import { RestoredLine } from "./restored-line.tsx";
import { RetryLine } from "./retry-line.tsx";
import { ReviewView } from "./review-view.tsx";
import { SetupLine } from "./setup-line.tsx";

/** One entry of a turn. Settled entries do not render again while others grow. */
export const EntryView = memo(function EntryView({ entry, turn }: { entry: TimelineEntry; turn: Turn }) {
  switch (entry.kind) {
    case "part":
    case "open-part":
      return <PartEntryView entry={entry} />;
    case "boot":
      return <BootSteps boot={entry} />;
    case "checkpoint":
      return <CheckpointLine checkpoint={entry} turn={turn} />;
    case "restored":
      return <RestoredLine restored={entry} />;
    case "job":
      return <JobLine job={entry} />;
    case "outcome":
      return <OutcomeLine outcome={entry.outcome} />;
    case "pull-request":
      return <PullRequestLine entry={entry} />;
    case "comments":
      return <CommentsLine entry={entry} />;
    case "approval":
      return <ApprovalLine asked={entry} over={isOver(turn)} />;
    case "retry":
      return <RetryLine retry={entry} />;
    case "steered":
      return (
        <div className="py-1">
          {entry.prompt.review ? (
            <ReviewView review={entry.prompt.review} text={entry.prompt.text} mark="steered" />
          ) : (
            <PromptView text={entry.prompt.text} label="Your prompt to the running turn" mark="steered" />
          )}
        </div>
      );
    case "question":
      return <QuestionLine question={entry} over={isOver(turn)} />;
    case "permission":
      return <PermissionLine asked={entry} over={isOver(turn)} />;
    case "stop-escalated":
      return (
        <Note tone="warning">
          The agent did not stop in {formatDuration(entry.afterMs)}:{" "}
          {entry.step === "restart-agent" ? "its process was restarted" : "its container was ended"}
        </Note>
      );
    case "notice":
      return <Notice tone={entry.level} message={entry.message} />;
    case "egress":
    case "egress-allowed":
    case "egress-hosts":
    case "network-mode":
    case "permission-mode":
    case "budget":
    case "budget-changed":
    case "secrets":
      return <GuardLine entry={entry} />;
    case "setup":
      return <SetupLine entry={entry} />;
    case "sandbox-stopped":
      return <Note tone="info">{stopWords(entry.reason)} The next prompt starts it again, with its files.</Note>;
    case "sandbox-failed":
      return (
        <ErrorNote
          title="The sandbox ended"
          message={`${entry.reason}. The next prompt starts a new one, with the same files.`}
          details={entry.logTail}
        />
      );
    case "save-failed":
      return <ErrorNote title="The work could not be saved" message={entry.reason} />;
    case "error":
      return <ErrorNote title="The turn failed" message={entry.message} retryText={turn.prompt.text} />;
    case "interrupted":
      return (
        <Note tone="info">Stopped{entry.reason && entry.reason !== "stopped" ? `: ${entry.reason}` : " by you"}</Note>
      );
  }
}, sameEntry);

function sameEntry(before: { entry: TimelineEntry; turn: Turn }, after: { entry: TimelineEntry; turn: Turn }): boolean {
  const [a, b] = [before.entry, after.entry];
  if (a.kind === "part" && b.kind === "part") {
    return a.part === b.part && a.children.length === 0 && b.children.length === 0;
  }
  return a === b;
}
