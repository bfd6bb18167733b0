"use client";

import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { cn } from "../../../lib/class-names.ts";
import { useReview } from "../review-context.tsx";
import { type CommentGroup, groupOf, isOutdated, linesWords, statusWords } from "./comment-words.ts";

const GROUPS: { group: CommentGroup; title: string; look: string }[] = [
  { group: "draft", title: "Not sent yet", look: "text-ink-3" },
  { group: "open", title: "Open", look: "text-need" },
  { group: "closed", title: "Dealt with", look: "text-good" },
];

/** All comments of the review, to jump to; one whose lines are gone shows what they were. */
export function CommentList({ onJump }: { onJump: (comment: ReviewComment) => void }) {
  const { comments } = useReview();
  return (
    <div className="scroll-quiet max-h-72 overflow-y-auto border-t py-1">
      {GROUPS.map(({ group, title, look }) => {
        const members = comments.filter((comment) => groupOf(comment) === group);
        if (members.length === 0) return null;
        return (
          <section key={group} aria-label={title}>
            <h2 className="px-4 pt-1.5 pb-0.5 text-2xs font-medium text-ink-3">{title}</h2>
            <ul>
              {members.map((comment) => (
                <li key={comment.id}>
                  <Row comment={comment} look={look} onJump={() => onJump(comment)} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Row({ comment, look, onJump }: { comment: ReviewComment; look: string; onJump: () => void }) {
  const { nameOf } = useReview();
  const { anchor, current, outcome } = comment;
  const gone = isOutdated(comment);
  const words = statusWords(comment, outcome?.checkpointId ? nameOf(outcome.checkpointId) : null);
  return (
    <button type="button" onClick={onJump} className="block w-full px-4 py-1 text-left hover:bg-hover">
      <span className="flex min-w-0 items-baseline gap-2 text-sm">
        <span className={cn("truncate", groupOf(comment) === "closed" && "text-ink-2")}>{comment.text}</span>
        <span className={cn("ml-auto shrink-0 text-xs", look)}>{gone ? `${words}, outdated` : words}</span>
      </span>
      <span className="block truncate font-mono text-2xs text-ink-3">
        {current?.path ?? anchor.path} {linesWords(current?.lines ?? anchor.lines)}
      </span>
      {gone && anchor.quote !== "" && (
        <span className="mt-0.5 block truncate border-l-2 pl-2 font-mono text-2xs text-ink-3">
          {anchor.quote.split("\n")[0]}
        </span>
      )}
    </button>
  );
}
