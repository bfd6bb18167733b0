"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useId } from "react";
import { deletedQuery } from "../../api/queries.ts";
import { useRestore } from "../../api/use-restore.ts";
import { messageOf } from "../../lib/app-error.ts";
import { keptUntil, keptUntilWords } from "../../lib/kept-until.ts";
import { Button } from "../../ui/button.tsx";
import { PutAwayRow } from "./put-away-row.tsx";

/** Sessions that were deleted and can be had back; nothing where there are none. */
export function DeletedSessions({ now }: { now: number }) {
  const heading = useId();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(deletedQuery);
  const { restore, restoring } = useRestore();
  const sessions = data?.pages
    .flatMap((page) => page.sessions)
    .flatMap((session) => (session.deletedAt === null ? [] : [{ session, deletedAt: session.deletedAt }]))
    // What is due is gone for good with the server's next look.
    .filter(({ deletedAt }) => keptUntil(deletedAt) > now);
  if (!error && !sessions?.length) return null;
  return (
    <section aria-labelledby={heading} className="pt-10">
      <h2 id={heading} className="font-semibold">
        Deleted
      </h2>
      <p className="pt-0.5 pb-3 text-ink-2">
        Kept for 7 days with everything they hold, then gone for good. What was published stays in your repository.
      </p>
      {error && (
        <p role="alert" className="text-fail">
          {messageOf(error)}
        </p>
      )}
      <ul className="border-t" aria-label="Deleted sessions">
        {sessions?.map(({ session, deletedAt }) => (
          <PutAwayRow
            key={session.id}
            session={session}
            when={
              <time dateTime={new Date(keptUntil(deletedAt)).toISOString()}>until {keptUntilWords(deletedAt)}</time>
            }
          >
            <Button
              look="quiet"
              size="sm"
              disabled={restoring}
              onClick={() => restore(session)}
              aria-label={`Restore “${session.title}”`}
            >
              <Undo2 size={13} aria-hidden />
              Restore
            </Button>
          </PutAwayRow>
        ))}
      </ul>
      {hasNextPage && (
        <Button look="quiet" className="mt-3" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? "Loading…" : "Show more"}
        </Button>
      )}
    </section>
  );
}
