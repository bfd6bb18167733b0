"use client";

import type { KeyboardEvent } from "react";
import { isTyping } from "../../lib/platform.ts";
import type { Review } from "./review-context.tsx";

/** Keys within the panel: n and p step through the files, v marks one viewed, c comments, x folds, / filters. */
export function reviewKeys(review: Review, acts: { filter: () => void; toggleFiles: () => void }) {
  return (event: KeyboardEvent): void => {
    if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
    const file = review.fileAt(review.position.getState().path ?? "");
    const { spot } = review.hovered.getState();
    const run = {
      n: () => step(review, 1),
      p: () => step(review, -1),
      v: () => {
        if (!file) return;
        review.markViewed(file, !file.viewed);
        if (!file.viewed) step(review, 1);
      },
      x: () => file && review.fold(file.path, !review.isFolded(file)),
      c: () => {
        const here = spot ?? (file ? review.firstChange.current(file.path) : null);
        if (!here) return;
        if (!spot) review.goTo(here);
        review.write(here);
      },
      t: acts.toggleFiles,
      "/": acts.filter,
    }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };
}

function step(review: Review, by: 1 | -1): void {
  const at = review.files.findIndex(({ path }) => path === review.position.getState().path);
  const next = review.files[at + by];
  if (next) review.goTo({ path: next.path });
}
