"use client";

import { CodeView, type CodeViewHandle } from "@pierre/diffs/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTheme } from "../../../api/theme.ts";
import { giveStylesTheNonce } from "../../../lib/style-nonce.ts";
import { CommentCard } from "../comments/comment-card.tsx";
import { CommentEditor } from "../comments/comment-editor.tsx";
import { placeAllComments } from "../comments/place-comments.ts";
import { type Spot, useReview } from "../review-context.tsx";
import { createItemBuilder, firstChange, hunksOf, type Mark, sideOf } from "./build-diff-items.ts";
import { LOOK } from "./diff-look.ts";
import { diffOptions } from "./diff-options.ts";
import { FileBody } from "./file-body.tsx";
import { hasLines, isLarge } from "./file-facts.ts";
import { FileHeader } from "./file-header.tsx";
import { HighlightPool } from "./highlight-pool.tsx";
import { HunkActs } from "./hunk-acts.tsx";
import { hunkAt } from "./hunks.ts";
import { type Diffs as KnownDiffs, useDiffs } from "./use-diffs.ts";
import { useHeldTarget } from "./use-held-target.ts";
import { useLineEvents } from "./use-line-events.ts";

giveStylesTheNonce();

/** The diffs of all files, one under the other; each is read when it comes into view. */
export function DiffList() {
  return (
    <HighlightPool>
      <Diffs />
    </HighlightPool>
  );
}

function Diffs() {
  const review = useReview();
  const { sessionId, files, scope, reachesNow, head, look, comments, writing, target, isFolded, hovered } = review;
  const theme = useTheme((state) => state.theme);
  const viewer = useRef<CodeViewHandle<Mark, undefined>>(null);
  const wrapper = useRef<HTMLDivElement>(null);
  const { diffs, version } = useDiffs(sessionId, scope, look.whitespace);
  const [build] = useState(createItemBuilder);

  const placed = useMemo(
    () => placeAllComments(comments, files, { scope, reachesNow, head }),
    [comments, files, scope, reachesNow, head],
  );
  const items = useMemo(
    () =>
      files.map((file) =>
        build({
          file,
          state: diffs.of(file),
          folded: isFolded(file),
          placed: placed.of(file.path),
          writing: writing?.path === file.path ? writing : null,
        }),
      ),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the version stands for what `diffs.of` answers
    [files, build, diffs, version, isFolded, placed, writing],
  );

  useEffect(() => {
    review.firstChange.current = (path) => {
      const file = review.fileAt(path);
      return file ? firstChange(file, diffs.of(file)) : null;
    };
  });

  const { lookAround, onDrawn } = useLookAround(viewer, diffs);
  const { onGutter, onSelected, onEnter, loadFiles } = useLineEvents((spot, element) => {
    const edge = wrapper.current?.getBoundingClientRect().top ?? 0;
    hovered.setState({ spot, top: element.getBoundingClientRect().top - edge });
  });
  const options = useMemo(
    () => diffOptions({ theme, look, onGutter, onSelected, onEnter, onDrawn, loadFiles }),
    [theme, look, onGutter, onSelected, onEnter, onDrawn, loadFiles],
  );

  const targetFile = target ? review.fileAt(target.spot.path) : undefined;
  const targetHunks = hunksOf(targetFile ? diffs.of(targetFile) : { state: "missing" });
  const { letGo, held } = useHeldTarget(viewer, target, { hunks: targetHunks, version });
  const selected = useMemo(() => selectionOf(writing), [writing]);
  const leave = () => {
    if (hovered.getState().spot) hovered.setState({ spot: null });
  };

  return (
    <div
      ref={wrapper}
      className="relative flex min-h-0 min-w-0 flex-1 flex-col"
      onWheel={letGo}
      onTouchMove={letGo}
      onPointerDown={letGo}
      onPointerLeave={leave}
    >
      <CodeView<Mark>
        ref={viewer}
        items={items}
        options={options}
        style={LOOK}
        className="scroll-quiet relative min-h-0 flex-1 overflow-y-auto"
        selectedLines={selected}
        onScroll={(top) => {
          leave();
          lookAround(top, !held.current);
        }}
        renderCustomHeader={(item) => <FileHeader path={item.id} />}
        renderAnnotation={({ metadata: mark }, _diff, item) => {
          const file = review.fileAt(item.id);
          if (!file) return null;
          if (mark.kind === "body") {
            return <FileBody path={item.id} state={diffs.of(file)} onRetry={() => diffs.retry(file)} />;
          }
          if (mark.kind === "editor") {
            if (!writing) return null;
            const hunkOf = (line: number) => hunkAt(hunksOf(diffs.of(file)), writing.side, line);
            return (
              <CommentEditor
                key="editor"
                hunk={hunkOf(writing.lines.end)}
                isShown={(line) => hunkOf(line) !== undefined}
              />
            );
          }
          const comment = comments.find(({ id }) => id === mark.id);
          // The viewer puts what comes next into the same place: what is folded or being edited is the comment's own.
          return comment && <CommentCard key={comment.id} comment={comment} adrift={mark.adrift ?? false} />;
        }}
      />
      <HunkActs diffs={diffs} />
    </div>
  );
}

/** Reads what is in view, and tells which file that is: with each bit of scrolling, and when files come into the page. */
function useLookAround(viewer: React.RefObject<CodeViewHandle<Mark, undefined> | null>, diffs: KnownDiffs) {
  const review = useReview();
  const latest = useRef({ review, diffs });
  latest.current = { review, diffs };

  /** As the viewer told it last: asking for it would make the browser lay out at once. */
  const scrolled = useRef(0);

  const lookAround = useCallback(
    (scrollTop: number, moves: boolean) => {
      scrolled.current = scrollTop;
      const instance = viewer.current?.getInstance();
      if (!instance) return;
      const { review: now, diffs: known } = latest.current;
      const rendered = instance.getRenderedItems().flatMap(({ id }) => now.fileAt(id) ?? []);
      known.want(
        rendered.filter((file) => hasLines(file) && !now.isFolded(file) && (!isLarge(file) || now.isOpened(file))),
      );
      // Near the end no file can come to the top: the one that was jumped to is the one in view all the same.
      if (!moves && now.fileAt(now.position.getState().path ?? "")) return;
      const top = scrollTop + 1;
      const inView = rendered.findLast(({ path }) => (instance.getTopForItem(path) ?? Infinity) <= top) ?? rendered[0];
      if (inView && inView.path !== now.position.getState().path) now.position.setState({ path: inView.path });
    },
    [viewer],
  );

  const frame = useRef(0);
  const onDrawn = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => lookAround(scrolled.current, false));
  }, [lookAround]);
  useEffect(() => {
    onDrawn();
    return () => cancelAnimationFrame(frame.current);
  });
  return { lookAround, onDrawn };
}

function selectionOf(writing: Spot | null) {
  if (!writing) return null;
  const side = sideOf(writing.side);
  return { id: writing.path, range: { start: writing.lines.start, end: writing.lines.end, side, endSide: side } };
}
