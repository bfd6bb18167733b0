"use client";

import { useRestore } from "../../api/use-restore.ts";
import { useSession } from "../../api/use-session.tsx";
import { keptUntil, keptUntilWords } from "../../lib/kept-until.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/use-now.ts";

/** That the shown session is deleted, until when it can be had back, and the way back. */
export function DeletedBar() {
  const session = useSession((state) => state.session);
  const now = useNow(20_000);
  const { restore, restoring } = useRestore();
  if (!session || session.deletedAt === null) return null;
  const until = keptUntilWords(session.deletedAt);
  const isKept = keptUntil(session.deletedAt) > now;
  return (
    <div role="status" className="flex shrink-0 items-center gap-3 border-b bg-need-soft px-4 py-1.5 text-need">
      <p className="min-w-0 flex-1">
        {isKept
          ? `This session is deleted. Until ${until} it can be had back with everything it holds.`
          : `This session is deleted. What it held is gone since ${until}; what was published as ${session.branch} is still in your repository.`}
      </p>
      {isKept && (
        <Button size="sm" disabled={restoring} onClick={() => restore(session)}>
          Restore
        </Button>
      )}
    </div>
  );
}
