"use client";

import { memo, useMemo, useState } from "react";
import { cleanTerminalText, type TerminalSpan, toTerminalSpans } from "../lib/terminal-text.ts";
import { cn } from "../lib/class-names.ts";
import { ShowAll } from "./show-all.tsx";

const SHOWN_LINES = 12;

const COLOURS: Record<string, string> = {
  black: "light-dark(#3d3a36, #8b857a)",
  red: "var(--color-fail)",
  green: "var(--color-good)",
  yellow: "var(--color-need)",
  blue: "var(--color-accent)",
  magenta: "var(--color-review)",
  cyan: "light-dark(#0f6f78, #6cc5cf)",
  white: "var(--color-ink-2)",
  "bright-black": "var(--color-ink-3)",
};

/** Output of a command, coloured as in a terminal; the last lines of it, the whole on demand. */
export const TerminalOutput = memo(function TerminalOutput({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const clean = useMemo(() => cleanTerminalText(text).replace(/\n+$/, ""), [text]);
  const lines = clean.split("\n");
  const folds = lines.length > SHOWN_LINES + 2;
  const shown = folds && !open ? lines.slice(-SHOWN_LINES).join("\n") : clean;
  const spans = useMemo(() => toTerminalSpans(shown), [shown]);
  return (
    <div className="border-t bg-sunk">
      {folds && <ShowAll total={lines.length} open={open} onToggle={() => setOpen(!open)} />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so the keyboard must reach it */}
      <pre
        tabIndex={0}
        className={cn("code-block scroll-quiet max-h-[32rem] overflow-auto px-3 pb-2 text-ink-2", !folds && "pt-2")}
      >
        {spans.map((span, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a span's place is what it is
          <span key={at} style={styleOf(span)}>
            {span.text}
          </span>
        ))}
      </pre>
    </div>
  );
});

function styleOf(span: TerminalSpan) {
  return {
    // Dimmed by the quieter ink, not by opacity: it must stay readable.
    ...(span.dim ? { color: "var(--color-ink-3)" } : {}),
    ...(span.foreground ? { color: colourOf(span.foreground) } : {}),
    ...(span.bold ? { fontWeight: 600 } : {}),
    ...(span.italic ? { fontStyle: "italic" } : {}),
    ...(span.underline ? { textDecoration: "underline" } : {}),
  };
}

function colourOf(name: string): string {
  const known = COLOURS[name] ?? COLOURS[name.replace("bright-", "")];
  if (known) return known;
  // A program's own colour was made for a black terminal: the ink is mixed in so that it can be read on paper too.
  return /^[\d, ]+$/.test(name) ? `color-mix(in srgb, rgb(${name}) 62%, var(--color-ink))` : "inherit";
}
