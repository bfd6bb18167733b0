import type { CheckpointEntry } from "@background-agents/shared/sessions/timeline";
import { GitCommitHorizontal } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";

/** `Saved · 3 files +42 −7 · agents/… published`. */
export function CheckpointLine({ checkpoint }: { checkpoint: CheckpointEntry }) {
  const { total, turn, published, conflict } = checkpoint;
  const counts = turn ?? total;
  return (
    <div className="flex gap-2.5 pt-2 text-ink-2">
      <GitCommitHorizontal size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <p className="min-w-0 flex-1 break-words">
        {counts.files === 0 ? "Nothing changed" : "Saved"}
        {counts.files > 0 && (
          <>
            {" · "}
            {plural(counts.files, "file")} <ChangeCounts {...counts} />
          </>
        )}
        {published && (
          <>
            {" · on "}
            <code className="text-code text-ink">{published.branch}</code>
            <CopyButton text={published.branch} label="Copy branch name" className="ml-0.5 align-[-3px]" />
          </>
        )}
        {conflict && <span className="block text-need">{`Not on ${conflict.branch}: ${conflict.reason}`}</span>}
      </p>
    </div>
  );
}
