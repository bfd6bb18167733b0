"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from "react";
import { cn } from "../../../lib/class-names.ts";
import { useElementSize } from "../../../ui/use-element-size.ts";
import { buildListRows, buildTreeRows, filterFiles, type TreeRow } from "./build-file-tree.ts";
import { FileRow, ROW_HEIGHT } from "./file-row.tsx";

/** Rows drawn beyond what is in view, so that scrolling meets no gap. */
const MARGIN_ROWS = 12;

/** The changed files as a tree or a list; only the rows in view are in the page. */
export function FileTree({
  files,
  shape,
  filter,
  current,
  onChoose,
  className,
}: {
  files: readonly ChangedFile[];
  shape: "tree" | "list";
  filter: string;
  current: string | null;
  onChoose: (path: string) => void;
  className?: string;
}) {
  const id = useId();
  const [box, { height }] = useElementSize<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  /** The row that the keyboard is on; -1 while it is not in here. */
  const [active, setActive] = useState(-1);
  const rows = useMemo(() => {
    const shown = filterFiles(files, filter);
    // What is looked for lies open.
    return shape === "list" ? buildListRows(shown) : buildTreeRows(shown, filter.trim() === "" ? closed : new Set());
  }, [files, filter, shape, closed]);

  const currentAt = rows.findIndex((row) => row.kind === "file" && row.path === current);
  useEffect(() => {
    if (currentAt !== -1) reveal(box.current, currentAt);
  }, [box, currentAt, height]);

  function choose(row: TreeRow): void {
    if (row.kind === "file") return onChoose(row.path);
    toggle(row.path, row.open);
  }

  function toggle(path: string, close: boolean): void {
    const next = new Set(closed);
    if (close) next.add(path);
    else next.delete(path);
    setClosed(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[active];
    const from = active === -1 ? currentAt : active;
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      const next = Math.min(rows.length - 1, Math.max(0, to));
      setActive(next);
      reveal(box.current, next);
    } else if (row && (event.key === "Enter" || event.key === " ")) choose(row);
    else if (row?.kind === "folder" && event.key === "ArrowRight") toggle(row.path, false);
    else if (row?.kind === "folder" && event.key === "ArrowLeft") toggle(row.path, true);
    else return;
    event.preventDefault();
  }

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN_ROWS);
  const last = Math.ceil((top + height) / ROW_HEIGHT) + MARGIN_ROWS;
  return (
    <div
      ref={box}
      role="tree"
      tabIndex={0}
      aria-label="Changed files"
      {...(active >= first && active < last && rows[active] ? { "aria-activedescendant": `${id}.${active}` } : {})}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) setActive(Math.max(0, currentAt));
      }}
      onBlur={() => setActive(-1)}
      onKeyDown={onKeyDown}
      className={cn("scroll-quiet relative overflow-y-auto py-1 outline-none", className)}
    >
      <div role="presentation" style={{ height: rows.length * ROW_HEIGHT }}>
        <div role="presentation" style={{ transform: `translateY(${first * ROW_HEIGHT}px)` }}>
          {rows.slice(first, last).map((row, at) => (
            <FileRow
              key={`${row.kind}.${row.path}`}
              row={row}
              id={`${id}.${first + at}`}
              active={first + at === active}
              current={row.kind === "file" && row.path === current}
              onChoose={() => {
                setActive(-1);
                choose(row);
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** Scrolls as little as it takes. Only within the tree: `scrollIntoView` would move what is around it too. */
function reveal(box: HTMLElement | null, row: number): void {
  if (!box) return;
  const top = row * ROW_HEIGHT;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + 2 * ROW_HEIGHT > box.scrollTop + box.clientHeight)
    box.scrollTop = top + 2 * ROW_HEIGHT - box.clientHeight;
}
