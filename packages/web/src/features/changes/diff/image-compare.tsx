"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useReview } from "../review-context.tsx";
import { Picture } from "./picture.tsx";

/** A picture before and after, side by side, each with its measures. */
export function ImageCompare({ file }: { file: ChangedFile }) {
  const { sessionId, scope } = useReview();
  const before =
    file.status === "added" ? null : { at: scope.from, path: file.oldPath ?? file.path, blob: file.oldBlob };
  const after = file.status === "deleted" ? null : { at: scope.to, path: file.path, blob: file.newBlob };
  return (
    <div className="flex flex-wrap gap-4">
      {before && (
        <Picture
          key={`before ${before.path} ${before.blob ?? before.at}`}
          label={after ? "Before" : "Deleted"}
          edge="border-fail/40"
          sessionId={sessionId}
          {...before}
        />
      )}
      {after && (
        <Picture
          key={`after ${after.path} ${after.blob ?? after.at}`}
          label={before ? "After" : "Added"}
          edge="border-good/40"
          sessionId={sessionId}
          {...after}
        />
      )}
    </div>
  );
}
