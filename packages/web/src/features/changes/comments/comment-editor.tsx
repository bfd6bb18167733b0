"use client";

import { Undo2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "../../../ui/button.tsx";
import type { DiffHunk } from "../diff/hunks.ts";
import { useReview } from "../review-context.tsx";
import { CommentField } from "./comment-field.tsx";
import { linesWords, moveLines } from "./comment-words.ts";

/** Where a comment is written, under the lines it is about. */
export function CommentEditor({
  hunk,
  isShown,
}: {
  hunk: DiffHunk | undefined;
  /** Whether the diff shows a line of the side that is written on. */
  isShown: (line: number) => boolean;
}) {
  const { writing, write, addComment, sessionId, fileAt, look, refusesComment, refusesDiscard, discard } = useReview();
  const place = useRef<HTMLDivElement>(null);
  const { path: at, lines: of } = writing ?? {};
  // Under the last line in view it would open out of sight. Its height is known once it was laid out.
  useEffect(() => {
    const frame = requestAnimationFrame(() => place.current?.scrollIntoView({ block: "nearest" }));
    return () => cancelAnimationFrame(frame);
  }, [at, of]);
  const file = writing ? fileAt(writing.path) : undefined;
  if (!writing || !file) return null;
  const { path, side, lines } = writing;
  const refusal = refusesComment(file, side);
  return (
    <div
      ref={place}
      data-testid="comment-editor"
      className="my-1 mr-3 max-w-[44rem] rounded-md border border-line-strong bg-raise font-sans text-sm whitespace-normal focus-within:border-ink-3"
    >
      {refusal ? (
        <div className="flex items-center gap-3 px-3 py-2 text-ink-2">
          <span className="flex-1">{refusal}</span>
          <Button look="quiet" size="sm" onClick={() => write(null)}>
            Close
          </Button>
        </div>
      ) : (
        <CommentField
          keep={`comment.${sessionId}.${path}.${side}`}
          label={`Comment on ${linesWords(lines)} of ${path}`}
          save="Add comment"
          onSave={(text) => addComment(writing, text)}
          onCancel={() => write(null)}
          onMove={(by, extend) => {
            const moved = moveLines(lines, by, extend);
            if (moved && isShown(moved.end)) write({ ...writing, lines: moved });
          }}
          {...(hunk && !refusesDiscard && look.whitespace === "show"
            ? {
                aside: (
                  <Button
                    look="quiet"
                    size="sm"
                    onClick={() => {
                      write(null);
                      discard(file, hunk);
                    }}
                  >
                    <Undo2 size={12} aria-hidden />
                    Discard this change
                  </Button>
                ),
              }
            : {})}
        />
      )}
    </div>
  );
}
