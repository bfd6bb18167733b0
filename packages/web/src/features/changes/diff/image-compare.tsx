"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { contentQuery } from "../../../api/review-queries.ts";
import type { DiffScope } from "../../../api/reviews-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { formatBytes } from "../../../lib/format.ts";
import { useReview } from "../review-context.tsx";

const MEDIA_TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
  ico: "image/x-icon",
  bmp: "image/bmp",
};

/** A picture before and after, side by side, each with its measures. */
export function ImageCompare({ file }: { file: ChangedFile }) {
  const { scope } = useReview();
  const before =
    file.status === "added" ? null : { at: scope.from, path: file.oldPath ?? file.path, blob: file.oldBlob };
  const after = file.status === "deleted" ? null : { at: scope.to, path: file.path, blob: file.newBlob };
  return (
    <div className="flex flex-wrap gap-4">
      {before && <Picture label={after ? "Before" : "Deleted"} edge="border-fail/40" {...before} />}
      {after && <Picture label={before ? "After" : "Added"} edge="border-good/40" {...after} />}
    </div>
  );
}

function Picture({
  label,
  edge,
  ...where
}: {
  label: string;
  edge: string;
  at: DiffScope["from"];
  path: string;
  blob: string | null;
}) {
  const { sessionId } = useReview();
  const content = useQuery(contentQuery(sessionId, where));
  const url = useObjectUrl(content.data, MEDIA_TYPES[where.path.split(".").at(-1)?.toLowerCase() ?? ""]);
  const [size, setSize] = useState<string | null>(null);
  return (
    <figure className="min-w-0 flex-1 basis-40">
      <figcaption className="flex gap-2 pb-1.5 text-xs text-ink-3">
        <span className="text-ink-2">{label}</span>
        {size && <span>{size}</span>}
        {content.data && <span>{formatBytes(content.data.size)}</span>}
      </figcaption>
      <div
        className={`flex min-h-24 items-center justify-center rounded-md border ${edge} bg-[repeating-conic-gradient(var(--color-sunk)_0_25%,var(--color-raise)_0_50%)] bg-[length:16px_16px] p-3`}
      >
        {content.isError && <p className="text-xs text-ink-2">{messageOf(content.error)}</p>}
        {url && (
          // oxlint-disable-next-line nextjs/no-img-element -- a picture of the user's, from memory
          <img
            src={url}
            alt={`${label}: ${where.path}`}
            onLoad={({ currentTarget: image }) => setSize(`${image.naturalWidth} × ${image.naturalHeight}`)}
            className="max-h-80 max-w-full object-contain"
          />
        )}
      </div>
    </figure>
  );
}

/** An address for a file in memory. An image element runs nothing that is in it, whatever its type. */
function useObjectUrl(content: Blob | undefined, mediaType: string | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!content) return;
    const made = URL.createObjectURL(mediaType ? new Blob([content], { type: mediaType }) : content);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [content, mediaType]);
  return url;
}
