import type { Session } from "@background-agents/shared/sessions/session";
import Link from "next/link";
import { memo } from "react";
import { cn } from "../../lib/class-names.ts";
import { formatAge } from "../../lib/format.ts";
import { FleetMarks } from "./fleet-marks.tsx";
import { StatusShape } from "../../ui/status-shape.tsx";

export const FleetRow = memo(function FleetRow({
  session,
  current,
  now,
}: {
  session: Session;
  current: boolean;
  now: number;
}) {
  const wantsYou = session.attention === "needs-you" || session.attention === "review";
  return (
    <Link
      href={`/sessions/${session.id}`}
      aria-current={current ? "page" : undefined}
      className={cn(
        "relative grid grid-cols-[12px_minmax(0,1fr)_auto] items-center gap-x-2 px-3 py-1.5 -outline-offset-2 max-md:py-2.5",
        current
          ? "bg-sunk before:absolute before:inset-y-1.5 before:left-0 before:w-0.5 before:rounded-full before:bg-accent"
          : "hover:bg-hover",
      )}
    >
      <StatusShape status={session.status} attention={session.attention} />
      <span
        title={session.title}
        className={cn("truncate", wantsYou ? "font-medium" : session.attention === "done" && !current && "text-ink-2")}
      >
        {session.title}
      </span>
      <time dateTime={session.lastActivityAt} className="text-xs text-ink-3">
        {formatAge(session.lastActivityAt, now)}
      </time>
      <span className="col-span-2 col-start-2 flex items-baseline gap-2">
        <span
          title={session.statusReason}
          className={cn("min-w-0 flex-1 truncate text-xs", session.status === "failed" ? "text-fail" : "text-ink-3")}
        >
          {session.statusReason}
        </span>
        <FleetMarks session={session} />
      </span>
    </Link>
  );
});
