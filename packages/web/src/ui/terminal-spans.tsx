import { useMemo } from "react";
import { cleanTerminalText, type TerminalSpan, toTerminalSpans } from "../lib/terminal-text.ts";

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

/** What a program printed, as a terminal would show it in the end, to stand in a `pre`. */
export function TerminalText({ text }: { text: string }) {
  return <TerminalSpans text={useMemo(() => cleanTerminalText(text).trimEnd(), [text])} />;
}

/** Cleaned text with its colours. */
export function TerminalSpans({ text }: { text: string }) {
  const spans = useMemo(() => toTerminalSpans(text), [text]);
  return spans.map((span, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- a span's place is what it is
    <span key={at} style={styleOf(span)}>
      {span.text}
    </span>
  ));
}

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
