"use client";

import { Fragment, memo, useMemo, useState } from "react";
import { cn } from "../lib/class-names.ts";
import { languageOfFile } from "../lib/file-language.ts";
import type { CodeToken } from "../lib/highlighter.ts";
import { changedRange, type PatchHunk, type PatchLine, parsePatch } from "../lib/parse-patch.ts";
import { CodeLine } from "./code-line.tsx";
import { ShowAll } from "./show-all.tsx";
import { useHighlighted } from "./use-highlighted.ts";

const SHOWN_LINES = 14;

/** A small unified diff in place: numbers, signs, colours, and within a changed line the words that changed. */
export const PatchView = memo(function PatchView({ patch, path }: { patch: string; path: string }) {
  const [open, setOpen] = useState(false);
  const { hunks } = useMemo(() => parsePatch(patch), [patch]);
  const total = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const folds = total > SHOWN_LINES + 4;
  let left = folds && !open ? SHOWN_LINES : total;
  return (
    <div className="border-t">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls sideways, so the keyboard must reach it */}
      <div tabIndex={0} className="code-block scroll-quiet overflow-x-auto py-1 font-mono">
        <div className="w-max min-w-full">
          {hunks.map((hunk, at) => {
            const shown = hunk.lines.slice(0, Math.max(0, left));
            left -= shown.length;
            return (
              // oxlint-disable-next-line react/no-array-index-key -- a hunk's place is what it is
              <Fragment key={at}>
                {at > 0 && shown.length > 0 && <div className="px-3 text-ink-3 select-none">⋯</div>}
                <Hunk hunk={hunk} shown={shown.length} path={path} />
              </Fragment>
            );
          })}
        </div>
      </div>
      {folds && <ShowAll total={total} open={open} onToggle={() => setOpen(!open)} />}
    </div>
  );
});

function Hunk({ hunk, shown, path }: { hunk: PatchHunk; shown: number; path: string }) {
  const language = languageOfFile(path);
  const before = useHighlighted(textOf(hunk, "add"), language);
  const after = useHighlighted(textOf(hunk, "remove"), language);
  const marks = useMemo(() => marksOf(hunk.lines), [hunk]);
  let beforeLine = 0;
  let afterLine = 0;
  return hunk.lines.slice(0, shown).map((line, at) => {
    let tokens: CodeToken[] | undefined;
    if (line.kind === "remove") tokens = before?.[beforeLine++];
    else tokens = after?.[afterLine++];
    if (line.kind === "context") beforeLine++;
    // oxlint-disable-next-line react/no-array-index-key -- a line's place is what it is
    return <Line key={at} line={line} tokens={tokens} mark={marks.get(line) ?? null} />;
  });
}

const LINE_LOOK = { context: "", add: "bg-add", remove: "bg-remove" };
const SIGN = { context: " ", add: "+", remove: "−" };

function Line({
  line,
  tokens,
  mark,
}: {
  line: PatchLine;
  tokens: CodeToken[] | undefined;
  mark: [number, number] | null;
}) {
  return (
    <div className={cn("flex whitespace-pre", LINE_LOOK[line.kind])}>
      <span className="w-11 shrink-0 pr-3 text-right text-ink-3 select-none">{line.newNumber ?? line.oldNumber}</span>
      <span className="w-4 shrink-0 text-ink-3">{SIGN[line.kind]}</span>
      <span className="pr-3">
        <CodeLine
          text={line.text}
          tokens={tokens}
          mark={mark}
          markClass={line.kind === "add" ? "bg-add-strong rounded-xs" : "bg-remove-strong rounded-xs"}
        />
      </span>
    </div>
  );
}

/** One side of a hunk as text, without the lines of the other side. */
function textOf(hunk: PatchHunk, without: "add" | "remove"): string {
  return hunk.lines
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("\n");
}

/** What changed within a line, for runs of as many removed lines as added ones. */
function marksOf(lines: readonly PatchLine[]): Map<PatchLine, [number, number]> {
  const marks = new Map<PatchLine, [number, number]>();
  for (let at = 0; at < lines.length;) {
    const removed = takeRun(lines, at, "remove");
    const added = takeRun(lines, at + removed.length, "add");
    if (removed.length > 0 && removed.length === added.length) {
      removed.forEach((before, place) => {
        const after = added[place];
        const range = after && changedRange(before.text, after.text);
        if (!after || !range) return;
        marks.set(before, range.before);
        marks.set(after, range.after);
      });
    }
    at += Math.max(1, removed.length + added.length);
  }
  return marks;
}

function takeRun(lines: readonly PatchLine[], from: number, kind: PatchLine["kind"]): PatchLine[] {
  const end = lines.findIndex((line, at) => at >= from && line.kind !== kind);
  return lines.slice(from, end === -1 ? lines.length : end);
}
