"use client";

import type { CheckpointId, SessionId } from "@background-agents/shared/ids";
import type { DiffSide, LineRange, ReviewComment } from "@background-agents/shared/reviews/comment";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { createContext, type RefObject, useContext } from "react";
import { type StoreApi, useStore } from "zustand";
import type { DiffScope, Whitespace } from "../../api/reviews-client.ts";
import type { DiffHunk } from "./diff/hunks.ts";
import type { Restoring } from "./use-restore-file.ts";

/** Lines of a file, at one side of its diff. */
export interface Spot {
  path: string;
  side: DiffSide;
  lines: LineRange;
}

/** What everything within the panel knows of the review and can do. */
export interface Review {
  sessionId: SessionId;
  /** In the order of the tree. */
  files: readonly ChangedFile[];
  fileAt: (path: string) => ChangedFile | undefined;
  scope: DiffScope;
  reachesNow: boolean;
  head: CheckpointId | null;
  /** In words, which turn or step made a checkpoint: `turn 2`. */
  nameOf: (checkpoint: CheckpointId | "base") => string;
  look: { layout: "unified" | "split"; wrap: boolean; whitespace: Whitespace };

  isFolded: (file: ChangedFile) => boolean;
  fold: (path: string, folded: boolean) => void;
  /** Shown in spite of its size. */
  isOpened: (file: ChangedFile) => boolean;
  open: (path: string) => void;
  markViewed: (file: ChangedFile, viewed: boolean) => void;

  comments: readonly ReviewComment[];
  /** The line under the pointer, and where its upper edge is, in px from that of the diffs. */
  hovered: StoreApi<{ spot: Spot | null; top: number }>;
  /** Where the first change of a file is, once its diff was read. */
  firstChange: RefObject<(path: string) => Spot | null>;
  /** Where a comment is being written. */
  writing: Spot | null;
  write: (spot: Spot | null) => void;
  /** Why no comment can be made there; null where one can. */
  refusesComment: (file: ChangedFile, side: DiffSide) => string | null;
  addComment: (spot: Spot, text: string) => Promise<void>;

  /** Why nothing can be discarded now; null where it can. */
  refusesDiscard: string | null;
  discard: (file: ChangedFile, hunk?: DiffHunk) => void;
  /** Null where the view ends with the work as it stands now. */
  restoring: Restoring | null;

  /** The file in view, apart from the rest: it changes with each bit of scrolling. */
  position: StoreApi<{ path: string | null }>;
  /** Where the diffs are to be scrolled to; `at` tells one wish from the next. */
  target: { spot: Spot | { path: string }; at: number } | null;
  goTo: (spot: Spot | { path: string }) => void;
}

export const ReviewContext = createContext<Review | null>(null);

export function useReview(): Review {
  const review = useContext(ReviewContext);
  if (!review) throw new Error("A part of the review stands outside of its panel.");
  return review;
}

/** The file in view. */
export function useCurrentPath(): string | null {
  return useStore(useReview().position, ({ path }) => path);
}
