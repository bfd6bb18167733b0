"use client";

import { memo, useMemo, useState } from "react";
import { cn } from "../lib/class-names.ts";
import { cleanTerminalText } from "../lib/terminal-text.ts";
import { ShowAll } from "./show-all.tsx";
import { TerminalSpans } from "./terminal-spans.tsx";

const SHOWN_LINES = 12;

/** Output of a command, coloured as in a terminal; the last lines of it, the whole on demand. */
export const TerminalOutput = memo(function TerminalOutput({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const clean = useMemo(() => cleanTerminalText(text).replace(/\n+$/, ""), [text]);
  const lines = clean.split("\n");
  const folds = lines.length > SHOWN_LINES + 2;
  const shown = folds && !open ? lines.slice(-SHOWN_LINES).join("\n") : clean;
  return (
    <div className="border-t bg-sunk">
      {folds && <ShowAll total={lines.length} open={open} onToggle={() => setOpen(!open)} />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so the keyboard must reach it */}
      <pre
        tabIndex={0}
        className={cn("code-block scroll-quiet max-h-[32rem] overflow-auto px-3 pb-2 text-ink-2", !folds && "pt-2")}
      >
        <TerminalSpans text={shown} />
      </pre>
    </div>
  );
});
