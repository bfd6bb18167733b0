import type { Session } from "@background-agents/shared/sessions/session";
import Link from "next/link";
import type { ReactNode } from "react";

/** A session that is out of the list: its name leads to it; `when` it was put there or goes, and the way back. */
export function PutAwayRow({ session, when, children }: { session: Session; when: ReactNode; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 border-b py-1.5 md:grid-cols-[minmax(0,1fr)_auto_auto]">
      <Link href={`/sessions/${session.id}`} className="rounded-sm hover:text-accent">
        <span className="block truncate font-medium">{session.title}</span>
        <span className="block truncate text-xs text-ink-3">
          {session.repository.name} · {session.statusReason}
        </span>
      </Link>
      {/* On a phone below the name, which needs the width. */}
      <span className="text-xs text-ink-3 max-md:col-start-1 max-md:row-start-2">{when}</span>
      <span className="max-md:col-start-2 max-md:row-span-2 max-md:row-start-1">{children}</span>
    </li>
  );
}
