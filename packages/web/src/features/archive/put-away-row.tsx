import type { Session } from "@background-agents/shared/sessions/session";
import Link from "next/link";
import type { ReactNode } from "react";

/** A session that is out of the list: its name leads to it; `when` it was put there or goes, and the way back. */
export function PutAwayRow({ session, when, children }: { session: Session; when: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-3 border-b py-1.5">
      <Link href={`/sessions/${session.id}`} className="min-w-0 flex-1 rounded-sm hover:text-accent">
        <span className="block truncate font-medium">{session.title}</span>
        <span className="block truncate text-xs text-ink-3">
          {session.repository.name} · {session.statusReason}
        </span>
      </Link>
      <span className="shrink-0 text-xs text-ink-3">{when}</span>
      {children}
    </li>
  );
}
