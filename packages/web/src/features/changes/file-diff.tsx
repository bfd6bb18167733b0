"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { parsePatchFiles } from "@pierre/diffs";
import { FileDiff as Viewer } from "@pierre/diffs/react";
import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useMemo } from "react";
import { diffQuery } from "../../api/review-queries.ts";
import type { DiffScope } from "../../api/reviews-client.ts";
import { useTheme } from "../../api/theme.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { CODE_THEMES } from "../../lib/highlighter.ts";
import { giveStylesTheNonce } from "../../lib/style-nonce.ts";
import { Message } from "../../ui/message.tsx";

giveStylesTheNonce();

/** Characters. A larger patch would hold up the page. */
const LARGE_PATCH = 1_500_000;

/** The viewer's own variables, so that it stands in the page's colours and type. */
const LOOK = {
  "--diffs-font-family": "var(--font-mono)",
  "--diffs-header-font-family": "var(--font-sans)",
  "--diffs-font-size": "12.5px",
  "--diffs-line-height": "19px",
  "--diffs-light-bg": "#fbfaf8",
  "--diffs-dark-bg": "#131211",
  "--diffs-bg-context-override": "var(--color-paper)",
  "--diffs-bg-context-gutter-override": "var(--color-paper)",
  "--diffs-bg-separator-override": "var(--color-sunk)",
  "--diffs-bg-buffer-override": "var(--color-sunk)",
  "--diffs-fg-number-override": "var(--color-ink-3)",
  "--diffs-addition-color-override": "var(--color-good)",
  "--diffs-deletion-color-override": "var(--color-fail)",
  // The viewer mixes these into the paper (12 % in light, 20 % in dark): out come the page's own add and remove.
  "--diffs-bg-addition-override": "light-dark(#6de1a5, #0e6c3e)",
  "--diffs-bg-deletion-override": "light-dark(#ffa7a5, #862620)",
  "--diffs-bg-addition-emphasis-override": "var(--color-add-strong)",
  "--diffs-bg-deletion-emphasis-override": "var(--color-remove-strong)",
} as CSSProperties;

/** The diff of one file, whole. */
export function FileDiff({
  file,
  scope,
  layout,
}: {
  file: ChangedFile;
  scope: DiffScope;
  layout: "unified" | "split";
}) {
  const { sessionId } = useSessionStore();
  const theme = useTheme((state) => state.theme);
  const diff = useQuery(diffQuery(sessionId, { file, scope, whitespace: "show" }));
  const parsed = useMemo(() => parseOne(diff.data ?? ""), [diff.data]);
  if (diff.isError) return <Message title="The diff could not be read">{messageOf(diff.error)}</Message>;
  if (diff.data === undefined) return null;
  const words = wordsInstead(file, diff.data);
  if (words) return <Message title={words} />;
  if (!parsed) return <PlainPatch patch={diff.data} />;
  return (
    <div className="scroll-quiet min-h-0 flex-1 overflow-y-auto" data-testid="diff">
      <Viewer
        fileDiff={parsed}
        disableWorkerPool
        style={LOOK}
        options={{
          theme: CODE_THEMES,
          themeType: theme,
          diffStyle: layout,
          overflow: "scroll",
          disableFileHeader: true,
          diffIndicators: "classic",
          hunkSeparators: "line-info-basic",
          lineDiffType: "word",
        }}
      />
    </div>
  );
}

/** The one file of a patch as the viewer takes it; null where it cannot be read as one. */
function parseOne(patch: string) {
  try {
    return parsePatchFiles(patch)[0]?.files[0] ?? null;
  } catch {
    return null;
  }
}

/** Between two checkpoints the list of files and a diff can be of different moments: then there is nothing to show. */
function PlainPatch({ patch }: { patch: string }) {
  if (patch.trim() === "") return <Message title="No difference">This file is as it was where this began.</Message>;
  return <pre className="code-block scroll-quiet min-h-0 flex-1 overflow-auto px-4 py-2">{patch}</pre>;
}

function wordsInstead(file: ChangedFile, patch: string): string | null {
  if (file.binary) return "A binary file: there are no lines to show";
  if (patch.length > LARGE_PATCH) return "This diff is too large to show here";
  if (file.additions + file.deletions === 0)
    return file.oldPath ? `Renamed from ${file.oldPath}, nothing else` : "An empty file";
  return null;
}
