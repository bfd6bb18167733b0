"use client";

import { bodyOf, isLarge, noteOf } from "./file-facts.ts";
import { ImageCompare } from "./image-compare.tsx";
import { Button } from "../../../ui/button.tsx";
import { useReview } from "../review-context.tsx";
import type { DiffState } from "./use-diffs.ts";

/** What stands in place of lines: pictures, a note, or why there are none yet. */
export function FileBody({ path, state, onRetry }: { path: string; state: DiffState; onRetry: () => void }) {
  const review = useReview();
  const file = review.fileAt(path);
  if (!file) return null;
  const body = bodyOf(file);
  if (body === "image") return <Frame>{<ImageCompare file={file} />}</Frame>;
  if (body === "note") return <Frame>{noteOf(file)}</Frame>;
  if (state.state === "failed") {
    return (
      <Frame>
        <p className="pb-2">The diff could not be read. {state.message}</p>
        <Button size="sm" onClick={onRetry}>
          Try again
        </Button>
      </Frame>
    );
  }
  if (state.state === "nothing") return <Frame>Only whitespace differs, or nothing at all.</Frame>;
  if (isLarge(file) && !review.isOpened(file)) {
    const lines = (file.additions + file.deletions).toLocaleString("en");
    return (
      <Frame>
        <span className="flex flex-wrap items-center gap-3">
          {lines} changed lines.
          <Button size="sm" onClick={() => review.open(path)}>
            Show them
          </Button>
        </span>
      </Frame>
    );
  }
  return <Frame>Reading the diff…</Frame>;
}

function Frame({ children }: { children: React.ReactNode }) {
  return <div className="px-4 py-3 font-sans text-sm whitespace-normal text-ink-2">{children}</div>;
}
