"use client";

import type { FileDiffMetadata, SelectedLineRange } from "@pierre/diffs";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { contentQuery } from "../../../api/review-queries.ts";
import { type Spot, useReview } from "../review-context.tsx";
import type { LineEvents } from "./diff-options.ts";

/** What pointer and selection in the diffs lead to. The functions stay the same ones. */
export function useLineEvents(hover: (spot: Spot, element: HTMLElement) => void): Omit<LineEvents, "onDrawn"> {
  const review = useReview();
  const queries = useQueryClient();
  const latest = useRef({ review, hover });
  latest.current = { review, hover };

  const onSelected = useCallback((range: SelectedLineRange | null, path: string) => {
    if (range) latest.current.review.write(spotOf(range, path));
  }, []);

  const onEnter = useCallback<LineEvents["onEnter"]>(({ path, side, number, element }) => {
    latest.current.hover({ path, side, lines: { start: number, end: number } }, element);
  }, []);

  const loadFiles = useCallback<LineEvents["loadFiles"]>(
    async (diff: FileDiffMetadata) => {
      const { fileAt, scope, sessionId } = latest.current.review;
      const file = fileAt(diff.name);
      if (!file) throw new Error(`${diff.name} is not shown any more.`);
      const read = async (at: typeof scope.from, path: string, blob: string | null) => {
        const content = await queries.fetchQuery(contentQuery(sessionId, { at, path, blob }));
        return { name: path, contents: await content.text() };
      };
      const newFile = await read(scope.to, file.path, file.newBlob);
      if (diff.type === "rename-pure") return { oldFile: null, newFile };
      return { oldFile: await read(scope.from, file.oldPath ?? file.path, file.oldBlob), newFile };
    },
    [queries],
  );

  return { onGutter: onSelected, onSelected, onEnter, loadFiles };
}

/** The lines of one side; a selection that goes over to the other side counts as where it ended. */
function spotOf({ start, end, side, endSide }: SelectedLineRange, path: string): Spot {
  const last = endSide ?? side ?? "additions";
  const from = (side ?? last) === last ? start : end;
  return {
    path,
    side: last === "deletions" ? "old" : "new",
    lines: { start: Math.min(from, end), end: Math.max(from, end) },
  };
}
