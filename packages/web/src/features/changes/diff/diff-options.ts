import type { FileDiffMetadata, SelectedLineRange } from "@pierre/diffs";
import type { CodeViewProps } from "@pierre/diffs/react";
import type { Theme } from "../../../lib/theme.ts";
import { CODE_THEMES } from "../../../lib/highlighter.ts";
import type { Review } from "../review-context.tsx";
import type { Mark } from "./build-diff-items.ts";
import { makeAccessible, nameCommentButton } from "./make-accessible.ts";
import { HEADER_HEIGHT, LINE_HEIGHT } from "./diff-look.ts";

type Options = NonNullable<CodeViewProps<Mark, undefined>["options"]>;
type LoadFiles = NonNullable<Options["loadDiffFiles"]>;

/**
 * Inside the viewer's own roots. The paper is the page's, not the code theme's; and there is no padding where there are
 * no lines: the viewer reckons with none and would otherwise miss by that much wherever it is to scroll to.
 */
const WITHIN = `
:host { --diffs-light-bg: #fbfaf8; --diffs-dark-bg: #131211; }
[data-code]:not(:has([data-line])) { padding-block: 0; }
[data-code]:focus-visible { outline: 2px solid var(--color-accent); outline-offset: -2px; }
`;

/** Lines. The colours of a longer file would take seconds and much memory, and nobody reads it all. */
const LONGEST_COLOURED = 20_000;

export interface LineEvents {
  onGutter: (range: SelectedLineRange, path: string) => void;
  onSelected: (range: SelectedLineRange | null, path: string) => void;
  onEnter: (line: { path: string; side: "old" | "new"; number: number; element: HTMLElement }) => void;
  /** A file came into the page or left it. */
  onDrawn: () => void;
  loadFiles: (diff: FileDiffMetadata) => ReturnType<LoadFiles>;
}

/** How the viewer draws, and what it tells of pointer and selection. */
export function diffOptions({
  theme,
  look,
  onGutter,
  onSelected,
  onEnter,
  onDrawn,
  loadFiles,
}: LineEvents & { theme: Theme; look: Review["look"] }): Options {
  return {
    theme: CODE_THEMES,
    themeType: theme,
    diffStyle: look.layout,
    overflow: look.wrap ? "wrap" : "scroll",
    diffIndicators: "classic",
    hunkSeparators: "line-info-basic",
    lineDiffType: "word",
    lineHoverHighlight: "both",
    stickyHeaders: true,
    tokenizeMaxLength: LONGEST_COLOURED,
    expansionLineCount: 20,
    itemMetrics: { lineHeight: LINE_HEIGHT, diffHeaderHeight: HEADER_HEIGHT },
    layout: { paddingTop: 0, paddingBottom: 24, gap: 0 },
    unsafeCSS: WITHIN,
    loadDiffFiles: loadFiles,
    enableLineSelection: true,
    enableGutterUtility: true,
    onGutterUtilityClick: (range, context) => onGutter(range, context.item.id),
    onLineSelectionEnd: (range, context) => onSelected(range, context.item.id),
    onPostRender: (node, _instance, phase) => {
      makeAccessible(node);
      if (phase !== "update") onDrawn();
    },
    onLineEnter: (line, context) => {
      if (line.type !== "diff-line") return;
      nameCommentButton(line.lineElement);
      onEnter({
        path: context.item.id,
        side: line.annotationSide === "deletions" ? "old" : "new",
        number: line.lineNumber,
        element: line.lineElement,
      });
    },
  };
}
