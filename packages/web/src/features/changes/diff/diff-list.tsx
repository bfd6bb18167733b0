"use client";

import { CodeView, type CodeViewHandle } from "@pierre/diffs/react";
import { Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTheme } from "../../../api/theme.ts";
import { giveStylesTheNonce } from "../../../lib/style-nonce.ts";
import { Button } from "../../../ui/button.tsx";
import { Tooltip } from "../../../ui/tooltip.tsx";
import { CommentCard } from "../comments/comment-card.tsx";
import { CommentEditor } from "../comments/comment-editor.tsx";
import { placeComments } from "../comments/place-comments.ts";
import { type Spot, useReview } from "../review-context.tsx";
import { createItemBuilder, hunksOf, type Mark, sideOf } from "./build-diff-items.ts";
import { HEADER_HEIGHT, LOOK } from "./diff-look.ts";
import { diffOptions } from "./diff-options.ts";
import { FileBody } from "./file-body.tsx";
import { hasLines, isLarge } from "./file-facts.ts";
import { FileHeader } from "./file-header.tsx";
import { hunkAt } from "./hunks.ts";
import { useDiffs } from "./use-diffs.ts";
import { useHeldTarget } from "./use-held-target.ts";
import { useLineEvents } from "./use-line-events.ts";

giveStylesTheNonce();

/** The diffs of all files, one under the other; each is read when it comes into view. */
export function DiffList() {
  const review = useReview();
  const { sessionId, files, scope, look, comments, writing, target } = review;
  const theme = useTheme((state) => state.theme);
  const viewer = useRef<CodeViewHandle<Mark, undefined>>(null);
  const diffs = useDiffs(sessionId, scope, look.whitespace);
  const wrapper = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<{ spot: Spot; top: number } | null>(null);
  const lines = useLineEvents((spot, element) => {
    review.hovered.current = spot;
    const edge = wrapper.current?.getBoundingClientRect().top ?? 0;
    setHovered({ spot, top: element.getBoundingClientRect().top - edge });
  });
  const [build] = useState(createItemBuilder);

  const items = files.map((file) => {
    const placed = placeComments(comments, { file, scope, reachesNow: review.reachesNow, head: review.head });
    return build({ file, state: diffs.of(file), folded: review.isFolded(file), placed, writing });
  });

  const latest = useRef({ review, diffs });
  latest.current = { review, diffs };

  /** Reads what is in view, and tells which file that is. */
  const lookAround = useCallback(() => {
    const instance = viewer.current?.getInstance();
    if (!instance) return;
    const { review: now, diffs: known } = latest.current;
    const rendered = instance.getRenderedItems().flatMap(({ id }) => now.fileAt(id) ?? []);
    known.want(
      rendered.filter((file) => hasLines(file) && !now.isFolded(file) && (!isLarge(file) || now.isOpened(file))),
    );
    const top = instance.getScrollTop() + 1;
    const inView = rendered.findLast(({ path }) => (instance.getTopForItem(path) ?? Infinity) <= top) ?? rendered[0];
    if (inView && inView.path !== now.current) now.setCurrent(inView.path);
  }, []);

  const frame = useRef(0);
  const onDrawn = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(lookAround);
  }, [lookAround]);
  useEffect(() => {
    onDrawn();
    return () => cancelAnimationFrame(frame.current);
  });

  const targetFile = target ? review.fileAt(target.spot.path) : undefined;
  const targetHunks = targetFile ? hunksOf(diffs.of(targetFile)) : hunksOf({ state: "missing" });
  const letGo = useHeldTarget(viewer, target, { hunks: targetHunks, version: diffs.version });

  const { onGutter, onSelected, onEnter, loadFiles } = lines;
  const options = useMemo(
    () => diffOptions({ theme, look, onGutter, onSelected, onEnter, onDrawn, loadFiles }),
    [theme, look, onGutter, onSelected, onEnter, onDrawn, loadFiles],
  );

  const hoveredFile = hovered && review.fileAt(hovered.spot.path);
  const hoveredHunk =
    hovered && hoveredFile && hunkAt(hunksOf(diffs.of(hoveredFile)), hovered.spot.side, hovered.spot.lines.end);
  return (
    <div
      ref={wrapper}
      className="relative flex min-h-0 min-w-0 flex-1 flex-col"
      onWheel={letGo}
      onTouchMove={letGo}
      onPointerDown={letGo}
      onPointerLeave={() => {
        review.hovered.current = null;
        setHovered(null);
      }}
    >
      <CodeView<Mark>
        ref={viewer}
        items={items}
        options={options}
        style={LOOK}
        disableWorkerPool
        className="scroll-quiet relative min-h-0 flex-1 overflow-y-auto"
        selectedLines={
          writing
            ? {
                id: writing.path,
                range: {
                  start: writing.lines.start,
                  end: writing.lines.end,
                  side: sideOf(writing.side),
                  endSide: sideOf(writing.side),
                },
              }
            : null
        }
        onScroll={() => {
          setHovered(null);
          lookAround();
        }}
        renderCustomHeader={(item) => <FileHeader path={item.id} />}
        renderAnnotation={(annotation, _diff, item) => {
          const file = review.fileAt(item.id);
          const mark = annotation.metadata;
          if (!file) return null;
          if (mark.kind === "body") {
            return <FileBody path={item.id} state={diffs.of(file)} onRetry={() => diffs.retry(file)} />;
          }
          if (mark.kind === "editor") {
            const spot = writing && hunkAt(hunksOf(diffs.of(file)), writing.side, writing.lines.end);
            return <CommentEditor hunk={spot ?? undefined} />;
          }
          const comment = comments.find(({ id }) => id === mark.id);
          return comment && <CommentCard comment={comment} adrift={mark.adrift ?? false} />;
        }}
      />
      {hoveredHunk && !review.refusesDiscard && hovered.top > HEADER_HEIGHT && (
        <DiscardHunk top={hovered.top} onDiscard={() => review.discard(hoveredFile, hoveredHunk)} />
      )}
    </div>
  );
}

/** At the end of the line under the pointer. */
function DiscardHunk({ top, onDiscard }: { top: number; onDiscard: () => void }) {
  return (
    <Tooltip text="Discard this change">
      <Button
        size="icon"
        tabIndex={-1}
        aria-label="Discard this change"
        className="absolute right-3 size-[19px] rounded-sm border-line text-ink-3"
        style={{ top }}
        onClick={onDiscard}
      >
        <Undo2 size={12} aria-hidden />
      </Button>
    </Tooltip>
  );
}
