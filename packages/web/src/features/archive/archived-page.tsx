"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { ArchiveRestore } from "lucide-react";
import { noteSession } from "../../api/fleet-store.ts";
import { archivedQuery } from "../../api/queries.ts";
import { updateSession } from "../../api/sessions-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { formatAge } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { PageFrame } from "../../ui/page-frame.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { DeletedSessions } from "./deleted-sessions.tsx";
import { PutAwayRow } from "./put-away-row.tsx";

/** Sessions put out of sight: still readable, and back with one click; below them those that were deleted. */
export function ArchivedPage() {
  const queries = useQueryClient();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(archivedQuery);
  const now = useNow(20_000);
  const sessions = data?.pages.flatMap((page) => page.sessions);

  function takeOut({ id }: Session): void {
    updateSession(id, { archived: false }).then(
      (session) => {
        noteSession(session);
        showToast({ text: `“${session.title}” is back in the list` });
        void queries.invalidateQueries({ queryKey: archivedQuery.queryKey });
      },
      (cause: unknown) => showError(messageOf(cause)),
    );
  }

  return (
    <PageFrame title="Archived" lead="Out of the list, with everything they hold. A prompt goes on where one ended.">
      {error && (
        <p role="alert" className="text-fail">
          {messageOf(error)}
        </p>
      )}
      {isPending && <Waiting words="Reading the archive…" className="py-3" />}
      {sessions?.length === 0 && <Message title="Nothing is archived">A session’s menu archives it.</Message>}
      {sessions && sessions.length > 0 && (
        <ul className="border-t" aria-label="Archived sessions">
          {sessions.map((session) => (
            <PutAwayRow
              key={session.id}
              session={session}
              when={<time dateTime={session.lastActivityAt}>{formatAge(session.lastActivityAt, now)}</time>}
            >
              <Button
                look="quiet"
                size="sm"
                onClick={() => takeOut(session)}
                aria-label={`Take “${session.title}” out of the archive`}
              >
                <ArchiveRestore size={13} aria-hidden />
                Take out
              </Button>
            </PutAwayRow>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button look="quiet" className="mt-3" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? "Loading…" : "Show more"}
        </Button>
      )}
      <DeletedSessions now={now} />
    </PageFrame>
  );
}
