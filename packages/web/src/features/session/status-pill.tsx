import type { Session } from "@background-agents/shared/sessions/session";
import { cn } from "../../lib/class-names.ts";
import { StatusShape, statusWord } from "../../ui/status-shape.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";

/** Where the session stands, and on hover why. */
export function StatusPill({ session }: { session: Session }) {
  const word = statusWord(session);
  return (
    <Tooltip text={session.statusReason}>
      <span
        data-testid="session-status"
        data-status={session.status}
        className={cn("flex h-6 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium", lookOf(session))}
      >
        <StatusShape status={session.status} attention={session.attention} />
        {word}
      </span>
    </Tooltip>
  );
}

function lookOf({ status, attention }: Session): string {
  if (status === "failed") return "bg-fail-soft text-fail";
  if (attention === "needs-you") return "bg-need-soft text-need";
  if (status === "queued") return "bg-sunk text-ink-2";
  if (status !== "idle") return "bg-accent-soft text-accent";
  return attention === "review" ? "bg-review-soft text-review" : "bg-sunk text-ink-2";
}
