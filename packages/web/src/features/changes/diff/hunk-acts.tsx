"use client";

import { Undo2 } from "lucide-react";
import { useStore } from "zustand";
import { Button } from "../../../ui/button.tsx";
import { useReview } from "../review-context.tsx";
import { HEADER_HEIGHT } from "./diff-look.ts";
import { hunksOf } from "./build-diff-items.ts";
import { hunkAt } from "./hunks.ts";
import type { Diffs } from "./use-diffs.ts";

/** At the end of the line under the pointer: what can be done with the change that it is part of. */
export function HunkActs({ diffs }: { diffs: Diffs }) {
  const { hovered, fileAt, look, refusesDiscard, discard } = useReview();
  const { spot, top } = useStore(hovered);
  const file = spot ? fileAt(spot.path) : undefined;
  const hunk = file && spot ? hunkAt(hunksOf(diffs.of(file)), spot.side, spot.lines.end) : undefined;
  // Under the header that stays in view there is no room; and without whitespace the changes are other ones.
  if (!file || !hunk || refusesDiscard || top < HEADER_HEIGHT || look.whitespace === "ignore") return null;
  return (
    <Button
      size="icon"
      tabIndex={-1}
      aria-label="Discard this change"
      title="Discard this change"
      className="absolute right-3 size-[19px] rounded-sm border-line text-ink-3"
      style={{ top }}
      onClick={() => discard(file, hunk)}
    >
      <Undo2 size={12} aria-hidden />
    </Button>
  );
}
