import type { CSSProperties } from "react";

/** Heights in px that the viewer reckons with, so that it knows where a file is before it was drawn. */
export const LINE_HEIGHT = 19;
export const HEADER_HEIGHT = 36;

/** The viewer's own variables, so that it stands in the page's colours and type. */
export const LOOK = {
  "--diffs-font-family": "var(--font-mono)",
  "--diffs-header-font-family": "var(--font-sans)",
  "--diffs-font-size": "12.5px",
  "--diffs-line-height": `${LINE_HEIGHT}px`,
  "--diffs-bg-context-override": "var(--color-paper)",
  "--diffs-bg-context-gutter-override": "var(--color-paper)",
  "--diffs-bg-separator-override": "var(--color-sunk)",
  "--diffs-bg-buffer-override": "var(--color-sunk)",
  "--diffs-fg-number-override": "var(--color-ink-3)",
  "--diffs-addition-color-override": "var(--color-good)",
  "--diffs-deletion-color-override": "var(--color-fail)",
  "--diffs-modified-color-override": "var(--color-accent)",
  // The viewer mixes these into the paper (12 % in light, 20 % in dark): out come the page's own add and remove.
  "--diffs-bg-addition-override": "light-dark(#6de1a5, #0e6c3e)",
  "--diffs-bg-deletion-override": "light-dark(#ffa7a5, #862620)",
  // And these into what is selected (18 % and 25 %, beside it 25 % and 40 %): out comes the accent's own soft tone.
  "--diffs-bg-selection-override": "light-dark(#97b7ff, #3356d5)",
  "--diffs-bg-selection-number-override": "light-dark(#b3caff, #273c8b)",
  "--diffs-bg-addition-emphasis-override": "var(--color-add-strong)",
  "--diffs-bg-deletion-emphasis-override": "var(--color-remove-strong)",
} as CSSProperties;
