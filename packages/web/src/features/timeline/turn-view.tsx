"use client";

import { isOver } from "@background-agents/shared/sessions/build-timeline";
import type { Turn } from "@background-agents/shared/sessions/timeline";
import { cn } from "../../lib/class-names.ts";
import { EntryView } from "./entry-view.tsx";
import { NewestPlan, newestPlanOf } from "./newest-plan.ts";
import { PromptView } from "./prompt-view.tsx";
import { TurnHeader } from "./turn-header.tsx";
import { TurnTail } from "./turn-tail.tsx";

/** One turn. Turns out of sight cost no layout. */
export function TurnView({ turn, isLast }: { turn: Turn; isLast: boolean }) {
  return (
    <article
      data-turn={turn.number}
      aria-label={`Turn ${turn.number}`}
      className={cn(!isLast && isOver(turn) && "[contain-intrinsic-size:auto_640px] [content-visibility:auto]")}
    >
      <TurnHeader turn={turn} />
      <PromptView text={turn.prompt.text} />
      <NewestPlan value={newestPlanOf(turn.entries)}>
        <div className="flex flex-col gap-1.5 pt-2">
          {turn.entries.map((entry) => (
            <EntryView key={entry.key} entry={entry} turn={turn} />
          ))}
        </div>
      </NewestPlan>
      <TurnTail turn={turn} />
    </article>
  );
}
