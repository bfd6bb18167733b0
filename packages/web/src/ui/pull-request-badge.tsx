import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import { checksPassed, failedChecks } from "@background-agents/shared/sessions/pull-request-news";
import {
  Check,
  CircleDashed,
  GitMerge,
  GitPullRequest,
  GitPullRequestClosed,
  GitPullRequestDraft,
  X,
} from "lucide-react";
import { cn } from "../lib/class-names.ts";

type Shown = Pick<PullRequest, "number" | "state" | "draft" | "checks">;

/** `open`, `draft`, `merged` or `closed`. */
export function pullRequestWord({ state, draft }: Pick<PullRequest, "state" | "draft">): string {
  return state === "open" && draft ? "draft" : state;
}

/** How its checks stand, in words; null where it has none. */
export function checkWords({ checks }: Pick<PullRequest, "checks">): string | null {
  if (checks.length === 0) return null;
  const failed = failedChecks({ checks });
  if (failed > 0) return `${failed} of ${checks.length} checks failed`;
  return checksPassed({ checks }) ? "checks passed" : "checks running";
}

/** `#12 open ✓`: number, state, checks; a shape beside each colour. */
export function PullRequestBadge({ pullRequest, className }: { pullRequest: Shown; className?: string }) {
  const word = pullRequestWord(pullRequest);
  const checks = checkWords(pullRequest);
  return (
    <span
      title={[`Pull request #${pullRequest.number}, ${word}`, checks].filter(Boolean).join(", ")}
      className={cn("inline-flex items-center gap-1 text-xs whitespace-nowrap text-ink-2", className)}
    >
      <StateIcon pullRequest={pullRequest} />#{pullRequest.number} {word}
      <CheckMark pullRequest={pullRequest} />
    </span>
  );
}

function StateIcon({ pullRequest: { state, draft } }: { pullRequest: Shown }) {
  if (state === "merged") return <GitMerge size={13} className="text-review" aria-hidden />;
  if (state === "closed") return <GitPullRequestClosed size={13} className="text-fail" aria-hidden />;
  if (draft) return <GitPullRequestDraft size={13} className="text-ink-3" aria-hidden />;
  return <GitPullRequest size={13} className="text-good" aria-hidden />;
}

function CheckMark({ pullRequest }: { pullRequest: Shown }) {
  const words = checkWords(pullRequest);
  if (!words || pullRequest.state !== "open") return null;
  const failed = failedChecks(pullRequest);
  if (failed > 0) {
    return (
      <span className="inline-flex items-center text-fail">
        <X size={13} aria-label={words} />
        {failed}
      </span>
    );
  }
  return checksPassed(pullRequest) ? (
    <Check size={13} className="text-good" aria-label={words} />
  ) : (
    <CircleDashed size={12} className="text-ink-3" aria-label={words} />
  );
}
