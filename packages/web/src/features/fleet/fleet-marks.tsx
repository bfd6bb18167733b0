import type { Session } from "@background-agents/shared/sessions/session";
import { checksPassed, failedChecks } from "@background-agents/shared/sessions/pull-request-news";
import { Check, Files, MessageSquare, X } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { checkWords, pullRequestWord } from "../../ui/pull-request-badge.tsx";
import { cn } from "../../lib/class-names.ts";

/** What else is to know of a session, in marks: open comments, others on the same lines, its pull request. */
export function FleetMarks({ session: { openComments, overlaps, pullRequest } }: { session: Session }) {
  if (openComments === 0 && overlaps.length === 0 && !pullRequest) return null;
  return (
    <span className="flex shrink-0 items-center gap-2 text-2xs text-ink-3">
      {overlaps.length > 0 && (
        <span
          role="img"
          aria-label={overlapWords(overlaps)}
          title={overlapWords(overlaps)}
          className={cn(overlaps.some(({ files }) => files.some(({ conflicts }) => conflicts)) && "text-need")}
        >
          <Files size={12} aria-hidden />
        </span>
      )}
      {openComments > 0 && (
        <span className="flex items-center gap-0.5" title={plural(openComments, "open comment")}>
          <MessageSquare size={11} aria-label="open comments:" />
          {openComments}
        </span>
      )}
      {pullRequest && <PullRequestMark pullRequest={pullRequest} />}
    </span>
  );
}

function overlapWords(overlaps: Session["overlaps"]): string {
  return `Touches the same lines as ${overlaps.map(({ title }) => title).join(", ")}`;
}

const STATE_LOOK: Record<string, string> = { merged: "text-review", closed: "text-fail" };

function PullRequestMark({ pullRequest }: { pullRequest: NonNullable<Session["pullRequest"]> }) {
  const word = pullRequestWord(pullRequest);
  const words = [`Pull request #${pullRequest.number}, ${word}`, checkWords(pullRequest)].filter(Boolean).join(", ");
  const failed = pullRequest.state === "open" ? failedChecks(pullRequest) : 0;
  return (
    <span title={words} className={cn("flex items-center gap-0.5", STATE_LOOK[word])}>
      #{pullRequest.number}
      {word !== "open" && ` ${word}`}
      {failed > 0 && <X size={12} className="text-fail" aria-label={`${failed} checks failed`} />}
      {word === "open" && checksPassed(pullRequest) && (
        <Check size={12} className="text-good" aria-label="checks passed" />
      )}
    </span>
  );
}
