import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { type FileDiffMetadata, parsePatchFiles } from "@pierre/diffs";
import { type DiffHunk, readHunks } from "./hunks.ts";

/** The diff of one file as the viewer takes it, and its hunks as the server knows them. */
export interface ParsedDiff {
  metadata: FileDiffMetadata;
  hunks: DiffHunk[];
}

/** Reads the patch of one file; null where there is none in it. `key` names its contents. */
export function parseDiff(patch: string, key: string): ParsedDiff | null {
  if (patch.trim() === "") return null;
  const metadata = parsePatchFiles(patch, { cacheKeyPrefix: key })[0]?.files[0];
  return metadata ? { metadata, hunks: readHunks(patch) } : null;
}

/** Stands for a diff without lines: not read yet, or of a file that has none. */
export function emptyDiff(file: ChangedFile): FileDiffMetadata {
  return {
    name: file.path,
    ...(file.oldPath ? { prevName: file.oldPath } : {}),
    type: file.status === "added" ? "new" : file.status === "deleted" ? "deleted" : "change",
    hunks: [],
    splitLineCount: 0,
    unifiedLineCount: 0,
    isPartial: true,
    deletionLines: [],
    additionLines: [],
    deletionCharacterCount: 0,
    additionCharacterCount: 0,
  };
}
