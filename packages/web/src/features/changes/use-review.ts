"use client";

import { newId, type CheckpointId } from "@background-agents/shared/ids";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { createStore } from "zustand";
import { changesQuery, commentsQuery } from "../../api/review-queries.ts";
import { addComment } from "../../api/reviews-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { findCommentPoint } from "./comments/comment-point.ts";
import { useComments } from "./comments/use-comments.ts";
import type { Review, Spot } from "./review-context.tsx";
import type { useScopes } from "./scope/use-scopes.ts";
import { orderFiles } from "./tree/build-file-tree.ts";
import type { DiffLook } from "./use-diff-look.ts";
import { useDiscard } from "./use-discard.ts";
import { useRestoreFile } from "./use-restore-file.ts";
import { useMarkViewed } from "./use-viewed.ts";

const NOTHING: readonly never[] = [];

/** Holds for one content of a file: what has changed since lies open again. */
interface Fold {
  blob: string | null;
  folded: boolean;
}

/** The review of what is in the scope: its files and comments, and all that can be done with them. */
export function useReviewState(
  { scope, scopes, version }: ReturnType<typeof useScopes>,
  look: Pick<DiffLook, "layout" | "wrap" | "whitespace">,
) {
  const { sessionId } = useSessionStore();
  const queries = useQueryClient();
  const head = useSession((state) => state.session?.lastCheckpointId ?? null);
  const changes = useQuery({ ...changesQuery(sessionId, scope.diff, version), placeholderData: (before) => before });
  const comments = useComments(sessionId).data ?? NOTHING;
  const markViewed = useMarkViewed(sessionId);
  const { refusal: refusesDiscard, discard } = useDiscard(scope);
  const nameOf = (checkpoint: CheckpointId | "base"): string => {
    const label = scopes.find(({ key }) => key === checkpoint)?.label ?? "";
    return label.replace(/^Turn/, "turn") || "the beginning";
  };
  const restoring = useRestoreFile(scope);
  const savedBlobs = useSavedBlobs(scope.diff.to === "live");

  const files = useMemo(() => orderFiles(changes.data?.files ?? NOTHING), [changes.data]);
  const byPath = useMemo(() => new Map(files.map((file) => [file.path, file])), [files]);
  const fileAt = useCallback((path: string) => byPath.get(path), [byPath]);

  const [folds, setFolds] = useState<ReadonlyMap<string, Fold>>(new Map());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [writing, write] = useState<Spot | null>(null);
  const [target, setTarget] = useState<Review["target"]>(null);
  const [position] = useState(() => createStore<{ path: string | null }>(() => ({ path: null })));
  const [hovered] = useState(() => createStore<{ spot: Spot | null; top: number }>(() => ({ spot: null, top: 0 })));
  const firstChange = useRef<(path: string) => Spot | null>(() => null);
  const isFolded = useCallback(
    ({ path, newBlob, viewed }: ChangedFile) => {
      const fold = folds.get(path);
      return fold?.blob === newBlob ? fold.folded : viewed;
    },
    [folds],
  );
  const fold = ({ path, newBlob: blob }: ChangedFile, folded: boolean) =>
    setFolds((known) => new Map(known).set(path, { blob, folded }));

  const pointOf = (file: ChangedFile, side: Spot["side"]) =>
    findCommentPoint({ file, side }, scope.diff, { head, blobs: savedBlobs });

  const review: Review = {
    sessionId,
    files,
    fileAt,
    scope: scope.diff,
    reachesNow: scope.reachesNow,
    head,
    nameOf,
    look,
    isFolded,
    fold: (path, folded) => {
      const file = fileAt(path);
      if (file) fold(file, folded);
    },
    isOpened: (file) => opened.has(file.path),
    open: (path) => setOpened((known) => new Set(known).add(path)),
    markViewed: (file, viewed) => {
      markViewed(file, viewed);
      fold(file, viewed);
    },
    comments,
    hovered,
    firstChange,
    writing,
    write,
    refusesComment: (file, side) => pointOf(file, side).refusal ?? null,
    addComment: async (spot, text) => {
      const file = fileAt(spot.path);
      const point = file && pointOf(file, spot.side);
      if (!point || point.refusal !== undefined) return;
      const { at, path } = point;
      const comment = await addComment(sessionId, {
        id: newId("comment"),
        path,
        side: spot.side,
        lines: spot.lines,
        at,
        text,
      });
      // Shown at once: the event that tells of it comes by another way.
      queries.setQueryData(commentsQuery(sessionId).queryKey, (known) => [
        ...(known ?? []).filter(({ id }) => id !== comment.id),
        comment,
      ]);
      write(null);
    },
    refusesDiscard,
    discard,
    restoring,
    position,
    target,
    goTo: (spot) => {
      if ("lines" in spot) review.fold(spot.path, false);
      position.setState({ path: spot.path });
      setTarget((known) => ({ spot, at: (known?.at ?? 0) + 1 }));
    },
  };
  return { review, changes };
}

/** The contents of files at the last checkpoint, by path; asked for only while a turn runs. */
function useSavedBlobs(wanted: boolean): ReadonlyMap<string, string | null> {
  const { sessionId } = useSessionStore();
  const head = useSession((state) => state.session?.lastCheckpointId ?? null);
  const { data } = useQuery({
    ...changesQuery(sessionId, { from: "base", to: head ?? "base" }, ""),
    enabled: wanted && head !== null,
  });
  return useMemo(() => new Map(data?.files.map(({ path, newBlob }) => [path, newBlob])), [data]);
}
