"use client";

import { GitFork } from "lucide-react";
import Link from "next/link";
import { useSession } from "../../api/use-session.tsx";

/** Where a forked session came from. */
export function ForkedFrom() {
  const from = useSession((state) => state.session?.forkedFrom ?? null);
  if (!from) return null;
  return (
    <p className="flex gap-2.5 pt-6 text-ink-2">
      <GitFork size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        Forked from{" "}
        <Link href={`/sessions/${from.sessionId}`} className="text-accent underline-offset-2 hover:underline">
          {from.title}
        </Link>
        <span className="text-ink-3"> · its files and conversation up to there</span>
      </span>
    </p>
  );
}
