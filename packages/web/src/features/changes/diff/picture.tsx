"use client";

import type { SessionId } from "@background-agents/shared/ids";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { contentQuery } from "../../../api/review-queries.ts";
import type { DiffScope } from "../../../api/reviews-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { formatBytes } from "../../../lib/format.ts";
import { useFileSource } from "./use-file-source.ts";

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

/** One side of a picture, with its measures, or why it cannot be shown. */
export function Picture({
  label,
  edge,
  sessionId,
  ...where
}: {
  label: string;
  edge: string;
  sessionId: SessionId;
  at: DiffScope["from"];
  path: string;
  blob: string | null;
}) {
  const content = useQuery(contentQuery(sessionId, where));
  const image = useRef<HTMLImageElement>(null);
  useFileSource(image, content.data, MEDIA_TYPES[where.path.split(".").at(-1)?.toLowerCase() ?? ""]);
  const [size, setSize] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
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
        {content.isPending && <p className="text-xs text-ink-2">Reading the picture…</p>}
        {content.isError && <p className="text-xs text-ink-2">{messageOf(content.error)}</p>}
        {broken && <p className="text-xs text-ink-2">The browser cannot show this file as a picture.</p>}
        {content.data && (
          // oxlint-disable-next-line nextjs/no-img-element -- a picture of the user's, from memory
          <img
            ref={image}
            alt={`${label}: ${where.path}`}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              setSize(`${naturalWidth} × ${naturalHeight}`);
              setBroken(false);
            }}
            onError={() => {
              setSize(null);
              setBroken(true);
            }}
            hidden={broken}
            className="max-h-80 max-w-full object-contain"
          />
        )}
      </div>
    </figure>
  );
}
