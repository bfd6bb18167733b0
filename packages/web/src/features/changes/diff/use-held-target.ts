"use client";

import type { CodeViewHandle } from "@pierre/diffs/react";
import { type RefObject, useEffect, useRef } from "react";
import type { Review } from "../review-context.tsx";
import { type Mark, sideOf } from "./build-diff-items.ts";
import { type DiffHunk, showsLines } from "./hunks.ts";

/** Frames for which a place is held after something came in: heights are known only once they were drawn. */
const HELD_FRAMES = 20;

/**
 * Scrolls to what the review's target names and holds it there while diffs above it come in, until the user scrolls:
 * then call `letGo`. `version` changes with each diff that comes.
 */
export function useHeldTarget(
  viewer: RefObject<CodeViewHandle<Mark, undefined> | null>,
  target: Review["target"],
  now: { hunks: readonly DiffHunk[]; version: number },
): { letGo: () => void; held: RefObject<boolean> } {
  const held = useRef(false);
  const { hunks, version } = now;
  useEffect(() => {
    held.current = target !== null;
  }, [target]);

  useEffect(() => {
    if (!target || !held.current) return;
    const { spot } = target;
    let frame = 0;
    let frames = 0;
    function hold(): void {
      if (!held.current) return;
      const behavior = "instant";
      if ("lines" in spot && showsLines(hunks, spot.side, spot.lines)) {
        const { path: id, side, lines } = spot;
        const line = { id, lineNumber: lines.end, side: sideOf(side) };
        viewer.current?.scrollTo({ type: "line", ...line, align: "center", behavior });
      } else viewer.current?.scrollTo({ type: "item", id: spot.path, align: "start", behavior });
      if (++frames < HELD_FRAMES) frame = requestAnimationFrame(hold);
    }
    hold();
    return () => cancelAnimationFrame(frame);
  }, [viewer, target, hunks, version]);

  return {
    held,
    letGo: () => {
      held.current = false;
    },
  };
}
