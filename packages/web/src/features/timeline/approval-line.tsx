import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { ShieldCheck, ShieldX } from "lucide-react";

type ApprovalEntry = Extract<TimelineEntry, { kind: "approval" }>;

const OUTCOME_WORDS = { allowed: "Allowed", refused: "Refused", withdrawn: "Withdrawn" };

/** What the agent wanted done outside of its sandbox, and what became of it. While it waits, the card below asks. */
export function ApprovalLine({ asked: { outcome, summary, message }, over }: { asked: ApprovalEntry; over: boolean }) {
  if (outcome === null && !over) return null;
  const Icon = outcome === "allowed" ? ShieldCheck : ShieldX;
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <Icon size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        {outcome === null ? "Asked without an answer" : OUTCOME_WORDS[outcome]}: {summary}
        {message && <span className="text-ink-3"> · {message}</span>}
      </span>
    </p>
  );
}
