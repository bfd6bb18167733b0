"use client";

import dynamic from "next/dynamic";
import { useMemo, useRef } from "react";
import { updateSession } from "../../api/sessions-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { showError } from "../../ui/toast.tsx";
import { useElementSize } from "../../ui/use-element-size.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { ChangesToolbar } from "./changes-toolbar.tsx";
import { ReviewBar } from "./comments/review-bar.tsx";
import { OverlapsNote } from "./overlaps-note.tsx";
import { ReviewContext } from "./review-context.tsx";
import { reviewKeys } from "./review-keys.ts";
import { useScopes } from "./scope/use-scopes.ts";
import { FilesPane } from "./tree/files-pane.tsx";
import { ROOM_BESIDE, useDiffLook } from "./use-diff-look.ts";
import { useMarkLooked } from "./use-mark-looked.ts";
import { useReviewState } from "./use-review.ts";

const DiffList = dynamic(async () => (await import("./diff/diff-list.tsx")).DiffList, { ssr: false });

/** px of the panel's width from which there is room for two columns of code. */
const ROOM_FOR_SPLIT = 680;

/** The review: what changed, in files and lines, and what the user says to it. */
export function ReviewView() {
  const scoping = useScopes();
  const { scopes, scope, pick, relook } = scoping;
  const [panel, { width }] = useElementSize<HTMLDivElement>();
  const beside = width >= ROOM_BESIDE;
  const look = useDiffLook(width);
  const filter = useRef<HTMLInputElement>(null);
  const roomForSplit = width >= ROOM_FOR_SPLIT;
  const { wrap, whitespace } = look;
  const layout = roomForSplit ? look.layout : "unified";
  const shownAs = useMemo(() => ({ layout, wrap, whitespace }), [layout, wrap, whitespace]);
  const { review, changes } = useReviewState(scoping, shownAs);
  const { files, head, sessionId } = review;
  const looked = useSession((state) => state.session?.lookedCheckpointId ?? null);
  const overlaps = useSession((state) => state.session?.overlaps);
  const seesHead = scope.reachesNow && scope.diff.to === head && changes.isSuccess;
  useMarkLooked(sessionId, seesHead ? head : null, looked);

  function markReviewed(): void {
    if (!head) return;
    updateSession(sessionId, { lookedCheckpointId: head }).then(
      () => relook(head),
      (error: unknown) => showError(messageOf(error)),
    );
  }

  const onKeyDown = reviewKeys(review, {
    filter: () => {
      look.setFiles(true);
      requestAnimationFrame(() => filter.current?.focus());
    },
    toggleFiles: () => look.setFiles(!look.files),
  });

  return (
    <ReviewContext value={review}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the review work anywhere in it */}
      <div ref={panel} className="flex min-h-0 flex-1 flex-col" onKeyDown={onKeyDown}>
        <ChangesToolbar
          scopes={scopes}
          scope={scope}
          onScope={pick}
          look={look}
          roomForSplit={roomForSplit}
          totals={changes.data?.totals}
          viewed={files.filter(({ viewed }) => viewed).length}
          onMarkReviewed={head ? markReviewed : undefined}
        />
        <OverlapsNote overlaps={overlaps ?? []} onFile={(path) => review.goTo({ path })} />
        {changes.isError ? (
          <Message title="The changes could not be read" className="flex-1">
            <p className="pb-3">{messageOf(changes.error)}</p>
            <Button onClick={() => void changes.refetch()}>Try again</Button>
          </Message>
        ) : files.length === 0 ? (
          <div className="min-h-0 flex-1">
            {changes.isSuccess ? (
              <NoChanges since={scope.key === "looked"} />
            ) : (
              <Waiting words="Reading the changes…" className="px-6 py-10 text-center" />
            )}
          </div>
        ) : (
          <div className={beside ? "flex min-h-0 flex-1" : "flex min-h-0 flex-1 flex-col"}>
            {look.files && files.length > 1 && <FilesPane beside={beside} shape={look.shape} filterField={filter} />}
            <DiffList />
          </div>
        )}
        <ReviewBar />
      </div>
    </ReviewContext>
  );
}

function NoChanges({ since }: { since: boolean }) {
  if (since) return <Message title="Nothing new">Nothing has changed since your last look.</Message>;
  return <Message title="No changes">Nothing differs from where this began.</Message>;
}
