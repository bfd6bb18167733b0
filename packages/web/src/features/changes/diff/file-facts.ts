import type { ChangedFile } from "@background-agents/shared/sessions/session";

export const STATUS: Record<ChangedFile["status"], { letter: string; words: string; look: string }> = {
  added: { letter: "A", words: "added", look: "text-good" },
  modified: { letter: "M", words: "changed", look: "text-ink-3" },
  deleted: { letter: "D", words: "deleted", look: "text-fail" },
  renamed: { letter: "R", words: "renamed", look: "text-review" },
  copied: { letter: "C", words: "copied", look: "text-review" },
  "type-changed": { letter: "T", words: "type changed", look: "text-need" },
};

/** Lines. Longer diffs wait until they are asked for. */
export const LARGE_DIFF = 3000;

const IMAGE = /\.(png|jpe?g|gif|webp|avif|svg|ico|bmp)$/i;

export type FileBody = "lines" | "image" | "note";

/** What is shown under the header of a file: its lines, two pictures, or words. */
export function bodyOf(file: ChangedFile): FileBody {
  if (file.kind === "submodule") return "note";
  if (file.kind === "file" && IMAGE.test(file.path)) return "image";
  if (file.binary) return "note";
  return file.additions + file.deletions > 0 ? "lines" : "note";
}

/** Whether there are lines to show; a picture that is text has them too, under itself. */
export function hasLines({ kind, binary, additions, deletions }: ChangedFile): boolean {
  return kind !== "submodule" && !binary && additions + deletions > 0;
}

export function isLarge({ additions, deletions }: ChangedFile): boolean {
  return additions + deletions > LARGE_DIFF;
}

/** Small words beside the name: what kind of thing it is, and what else about it changed. */
export function tagsOf(file: ChangedFile): string[] {
  const { oldMode, newMode } = file;
  return [
    ...(file.kind === "link" ? ["link"] : []),
    ...(file.kind === "submodule" ? ["submodule"] : []),
    ...(file.binary ? ["binary"] : []),
    ...(oldMode && newMode && oldMode !== newMode ? [modeWords(oldMode, newMode)] : []),
  ];
}

/** Why a file has no lines to show. */
export function noteOf(file: ChangedFile): string {
  if (file.kind === "submodule") return "A submodule: it stands at another commit of its own repository.";
  if (file.binary) return "A binary file: there are no lines to show.";
  if (file.status === "renamed") return `Renamed from ${file.oldPath ?? "another name"}, with the same content.`;
  if (file.status === "copied") return `Copied from ${file.oldPath ?? "another file"}, with the same content.`;
  if (file.oldMode && file.newMode && file.oldMode !== file.newMode) return "Only its mode changed.";
  if (file.status === "added") return "An empty file.";
  if (file.status === "deleted") return "It was empty.";
  return "No lines differ.";
}

function modeWords(oldMode: string, newMode: string): string {
  if (oldMode === "100644" && newMode === "100755") return "now executable";
  if (oldMode === "100755" && newMode === "100644") return "no longer executable";
  return `${oldMode} → ${newMode}`;
}
