import type { CommentId } from "@background-agents/shared/ids";
import type { DiffSide } from "@background-agents/shared/reviews/comment";
import type { ChangedFile } from "@background-agents/shared/sessions/session";
import type { CodeViewDiffItem, DiffLineAnnotation, FileDiffMetadata } from "@pierre/diffs";
import type { PlacedComment } from "../comments/place-comments.ts";
import type { Spot } from "../review-context.tsx";
import { bodyOf, hasLines } from "./file-facts.ts";
import { type DiffHunk, showsLines } from "./hunks.ts";
import { emptyDiff } from "./parse-diff.ts";
import type { DiffState } from "./use-diffs.ts";

/** What stands between the lines of a diff. */
export interface Mark {
  /** `body`: words, pictures or a button in place of lines. */
  kind: "comment" | "editor" | "body";
  /** Of a comment. */
  id?: CommentId;
  /** The comment stands above the lines, not at its own. */
  adrift?: boolean;
}

export type DiffItem = CodeViewDiffItem<Mark>;

const NO_HUNKS: readonly DiffHunk[] = [];

export interface FileParts {
  file: ChangedFile;
  state: DiffState;
  folded: boolean;
  placed: readonly PlacedComment[];
  /** Where a comment is being written in this file. */
  writing: Spot | null;
}

/** Items are kept as long as nothing about them changed: the viewer draws anew only what is another object. */
export function createItemBuilder(): (parts: FileParts) => DiffItem {
  const built = new Map<string, { parts: FileParts; fingerprint: string; item: DiffItem }>();
  const empty = new WeakMap<ChangedFile, FileDiffMetadata>();
  let version = 0;

  function metadataOf({ file, state }: FileParts): FileDiffMetadata {
    if (state.state === "ready") return state.diff.metadata;
    const known = empty.get(file) ?? emptyDiff(file);
    empty.set(file, known);
    return known;
  }

  return (parts) => {
    const { file, folded, state } = parts;
    const known = built.get(file.path);
    if (known && isSame(known.parts, parts)) return known.item;
    const metadata = metadataOf(parts);
    const annotations = annotationsOf(parts);
    const fingerprint = JSON.stringify([folded, state.state, annotations]);
    const item: DiffItem =
      known?.fingerprint === fingerprint && known.item.fileDiff === metadata
        ? known.item
        : { id: file.path, type: "diff", fileDiff: metadata, annotations, collapsed: folded, version: ++version };
    built.set(file.path, { parts, fingerprint, item });
    return item;
  };
}

function isSame(a: FileParts, b: FileParts): boolean {
  return (
    a.file === b.file &&
    a.state === b.state &&
    a.folded === b.folded &&
    a.placed === b.placed &&
    a.writing === b.writing
  );
}

function annotationsOf({ file, state, placed, writing }: FileParts): DiffLineAnnotation<Mark>[] {
  const hunks = state.state === "ready" ? state.diff.hunks : [];
  const above: DiffLineAnnotation<Mark>[] = [];
  const within: DiffLineAnnotation<Mark>[] = [];
  if (state.state !== "ready" || bodyOf(file) !== "lines") above.push(annotation(file, { kind: "body" }));
  // Where a comment stands is known once the lines are.
  const unread = hasLines(file) && state.state === "missing";
  for (const { comment, side, lines } of unread ? [] : placed) {
    const mark = { kind: "comment" as const, id: comment.id };
    if (lines && showsLines(hunks, side, lines)) {
      within.push({ side: sideOf(side), lineNumber: lines.end, metadata: { ...mark, adrift: false } });
    } else above.push(annotation(file, { ...mark, adrift: true }));
  }
  if (writing) {
    within.push({ side: sideOf(writing.side), lineNumber: writing.lines.end, metadata: { kind: "editor" } });
  }
  return [...above, ...within];
}

/** Above the lines, on the side that the file has. */
function annotation(file: ChangedFile, metadata: Mark): DiffLineAnnotation<Mark> {
  return { side: file.status === "deleted" ? "deletions" : "additions", lineNumber: 0, metadata };
}

export function sideOf(side: DiffSide): "additions" | "deletions" {
  return side === "new" ? "additions" : "deletions";
}

export function hunksOf(state: DiffState): readonly DiffHunk[] {
  return state.state === "ready" ? state.diff.hunks : NO_HUNKS;
}

/** Where the first change of a file is, as far as its diff is known: where a comment by keyboard begins. */
export function firstChange(file: ChangedFile, state: DiffState): Spot | null {
  if (state.state !== "ready") return null;
  const [hunk] = state.diff.metadata.hunks;
  if (!hunk) return null;
  let line = { old: hunk.deletionStart, new: hunk.additionStart };
  for (const block of hunk.hunkContent) {
    if (block.type === "change") {
      const side = block.additions > 0 ? "new" : "old";
      return { path: file.path, side, lines: { start: line[side], end: line[side] } };
    }
    line = { old: line.old + block.lines, new: line.new + block.lines };
  }
  return null;
}
