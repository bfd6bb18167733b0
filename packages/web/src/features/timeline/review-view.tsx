"use client";

import type { SentReview } from "@background-agents/shared/reviews/comment";
import { useState } from "react";
import { plural } from "../../lib/format.ts";

const SHOWN = 6;

/** A review that was sent: its comments with their places, and the words that the agent got behind a button. */
export function ReviewView({ review, text, mark }: { review: SentReview; text: string; mark?: string }) {
  const [all, setAll] = useState(false);
  const [raw, setRaw] = useState(false);
  const { message, comments } = review;
  const shown = all ? comments : comments.slice(0, SHOWN);
  const words = [plural(comments.length, "review comment"), mark].filter(Boolean).join(", ");
  return (
    <div aria-label="Your review" role="group" className="rounded-lg border bg-raise px-3.5 py-2.5">
      <div className="flex items-baseline gap-3 pb-1 text-xs text-ink-3">
        <span>{words}</span>
        <button
          type="button"
          aria-expanded={raw}
          onClick={() => setRaw(!raw)}
          className="ml-auto shrink-0 hover:text-ink"
        >
          {raw ? "As comments" : "As the agent got it"}
        </button>
      </div>
      {raw ? (
        <p className="text-prose break-words whitespace-pre-wrap">{text}</p>
      ) : (
        <>
          {message && <p className="text-prose pb-2 break-words whitespace-pre-wrap">{message}</p>}
          <ul className="flex flex-col divide-y">
            {shown.map((comment, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- a review that was sent never changes
              <li key={at} className="py-1.5 first:pt-0 last:pb-0">
                <p className="text-xs text-ink-2">
                  <code className="text-code break-all">{placeOf(comment)}</code>
                  {comment.side === "old" && " as it was before"}
                  {comment.outdated && " (the lines had changed since)"}
                </p>
                <p className="text-prose break-words whitespace-pre-wrap">{comment.text.trim()}</p>
              </li>
            ))}
          </ul>
          {comments.length > SHOWN && (
            <button type="button" onClick={() => setAll(!all)} className="pt-1.5 text-xs text-ink-3 hover:text-ink">
              {all ? "Show fewer" : `Show all ${comments.length}`}
            </button>
          )}
        </>
      )}
    </div>
  );
}

/** `src/limit.ts:12`, `src/limit.ts:12–14`. */
function placeOf({ path, lines: { start, end } }: SentReview["comments"][number]): string {
  return start === end ? `${path}:${start}` : `${path}:${start}–${end}`;
}
