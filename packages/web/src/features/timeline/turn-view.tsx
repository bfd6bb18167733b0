"use client";

import { isOver } from "@background-agents/shared/sessions/build-timeline";
import type { TimelineEntry, Turn } from "@background-agents/shared/sessions/timeline";
import { useState } from "react";
import { cn } from "../../lib/class-names.ts";
import { plural } from "../../lib/format.ts";
import { EntryView } from "./entry-view.tsx";
import { NewestPlan, newestPlanOf } from "./newest-plan.ts";
import { PromptView } from "./prompt-view.tsx";
import { ReviewView } from "./review-view.tsx";
import { TurnHeader } from "./turn-header.tsx";
import { TurnTail } from "./turn-tail.tsx";

/** What happened around a turn, not in it: stays in view where the turn itself was set aside. */
const AROUND = new Set<TimelineEntry["kind"]>(["restored", "job", "outcome", "pull-request", "comments"]);

/** One turn. Turns out of sight cost no layout; one that the user went back before is folded. */
export function TurnView({ turn, isLast }: { turn: Turn; isLast: boolean }) {
  const [open, setOpen] = useState(false);
  const folded = turn.setAside && !open;
  const entries = folded ? turn.entries.filter(({ kind }) => AROUND.has(kind)) : turn.entries;
  const { comments, review } = turn.prompt;
  return (
    <article
      data-turn={turn.number}
      aria-label={`Turn ${turn.number}`}
      className={cn(!isLast && isOver(turn) && "[contain-intrinsic-size:auto_640px] [content-visibility:auto]")}
    >
      <TurnHeader turn={turn} fold={turn.setAside ? { open, toggle: () => setOpen(!open) } : null} />
      {folded ? (
        <p className="truncate text-ink-3 line-through decoration-line-strong">{turn.prompt.text}</p>
      ) : review ? (
        <ReviewView review={review} text={turn.prompt.text} />
      ) : (
        <PromptView text={turn.prompt.text} {...(comments ? { mark: plural(comments, "review comment") } : {})} />
      )}
      <NewestPlan value={newestPlanOf(turn.entries)}>
        <div className="flex flex-col gap-1.5 pt-2">
          {entries.map((entry) => (
            <EntryView key={entry.key} entry={entry} turn={turn} />
          ))}
        </div>
      </NewestPlan>
      <TurnTail turn={turn} />
    </article>
  );
}
