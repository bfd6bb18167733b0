"use client";

import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { refreshPullRequest, sendPullRequest } from "../../api/publish-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { formatAge, plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { usePrimaryAct } from "../../ui/primary-act.ts";
import { PullRequestBadge } from "../../ui/pull-request-badge.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Checks } from "./checks.tsx";
import { Remarks } from "./remarks.tsx";

const DECISION_WORDS: Record<NonNullable<PullRequest["reviewDecision"]>, { words: string; look: string }> = {
  approved: { words: "Approved", look: "text-good" },
  "changes-requested": { words: "Changes requested", look: "text-need" },
  "review-required": { words: "Waits for a review", look: "text-ink-2" },
};

/** The pull request as its host shows it: checks, remarks, and what of it the agent should deal with. */
export function PullRequestPanel() {
  const { sessionId } = useSessionStore();
  const pullRequest = useSession((state) => state.session?.pullRequest ?? null);
  const working = useSession(({ session }) => session !== null && session.status !== "idle");
  const [failedChecks, setFailedChecks] = useState(false);
  const [remarkIds, setRemarkIds] = useState<readonly string[]>([]);
  const [sending, setSending] = useState(false);
  const primary = usePrimaryAct("review", failedChecks || remarkIds.length > 0);
  if (!pullRequest) return null;
  const chosen = remarkIds.filter((id) => pullRequest.remarks.some((remark) => remark.id === id));
  const hasFailed = pullRequest.checks.some(({ state }) => state === "failed");
  const withChecks = failedChecks && hasFailed;

  async function send(): Promise<void> {
    setSending(true);
    try {
      await sendPullRequest(sessionId, { failedChecks: withChecks, remarkIds: [...chosen], mode: "queue" });
      setFailedChecks(false);
      setRemarkIds([]);
      showToast({ text: working ? "Waits behind the running turn" : "Sent to the agent" });
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setSending(false);
    }
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="scroll-quiet min-h-0 flex-1 overflow-y-auto">
        <Head pullRequest={pullRequest} />
        <Checks checks={pullRequest.checks} chosen={withChecks} onChoose={setFailedChecks} />
        <Remarks remarks={pullRequest.remarks} chosen={chosen} onChoose={setRemarkIds} />
      </div>
      {(withChecks || chosen.length > 0) && (
        <div className="flex shrink-0 items-center gap-2 border-t px-4 py-2.5">
          <span className="min-w-0 flex-1 text-ink-2">
            {[withChecks && "Failed checks with their logs", chosen.length > 0 && plural(chosen.length, "remark")]
              .filter(Boolean)
              .join(" and ")}
          </span>
          <Button look={primary ? "primary" : "outline"} disabled={sending} onClick={() => void send()}>
            {sending ? "Sending…" : "Send to agent"}
          </Button>
        </div>
      )}
    </div>
  );
}

function Head({ pullRequest }: { pullRequest: PullRequest }) {
  const { title, url, base, head, reviewDecision, problem } = pullRequest;
  const decision = reviewDecision && DECISION_WORDS[reviewDecision];
  return (
    <header className="border-b px-4 py-3">
      <div className="flex items-center gap-2">
        <PullRequestBadge pullRequest={pullRequest} />
        {decision && pullRequest.state === "open" && (
          <span className={cn("text-xs", decision.look)}>{decision.words}</span>
        )}
        <Refresh refreshedAt={pullRequest.refreshedAt} />
      </div>
      <h2 className="pt-1 text-prose font-medium break-words">
        <OutsideLink href={url} className="inline text-ink">
          {title}
        </OutsideLink>
      </h2>
      <p className="text-xs break-all text-ink-3">
        {head} → {base}
      </p>
      {problem && <p className="pt-1.5 break-words text-need">The last look failed: {problem}</p>}
    </header>
  );
}

function Refresh({ refreshedAt }: { refreshedAt: string }) {
  const { sessionId } = useSessionStore();
  const now = useNow(20_000);
  const [looking, setLooking] = useState(false);
  const age = formatAge(refreshedAt, now);

  function refresh(): void {
    setLooking(true);
    refreshPullRequest(sessionId)
      .catch((error: unknown) => showError(messageOf(error)))
      .finally(() => setLooking(false));
  }

  return (
    <Button
      look="quiet"
      size="sm"
      className="ml-auto font-normal"
      disabled={looking}
      title="Look again"
      onClick={refresh}
    >
      <RefreshCw size={12} className={cn(looking && "animate-spin-slow")} aria-hidden />
      {looking ? "Looking…" : age === "now" ? "just now" : `${age} ago`}
    </Button>
  );
}
