"use client";

import { isOver } from "@background-agents/shared/sessions/build-timeline";
import type { Turn } from "@background-agents/shared/sessions/timeline";
import { formatCount, formatDuration, formatMoney } from "../../lib/format.ts";
import { ChangeCounts } from "../../ui/change-counts.tsx";
import { useNow } from "../../ui/use-now.ts";

/** `Turn 1 · 1 m 12 s · 14.2k tokens · $0.22 · +42 −7` on a hairline. */
export function TurnHeader({
  turn,
  fold,
}: {
  turn: Turn;
  /** Where the turn was set aside: whether it is shown, and how to change that. */
  fold: { open: boolean; toggle: () => void } | null;
}) {
  const tokens = turn.usage ? turn.usage.inputTokens + turn.usage.outputTokens : 0;
  const money = formatMoney(turn.usage?.costUsd ?? 0);
  return (
    <header className="flex flex-wrap items-center gap-x-3 pt-6 pb-2.5 text-xs text-ink-3">
      <h2 className="font-medium text-ink-2">Turn {turn.number}</h2>
      <Elapsed turn={turn} />
      {tokens > 0 && <span>{formatCount(tokens)} tokens</span>}
      {money && <span>{money}</span>}
      {turn.changes && turn.changes.files > 0 && <ChangeCounts {...turn.changes} />}
      <span className="h-px min-w-4 flex-1 bg-line" aria-hidden />
      {fold && (
        <>
          <span>set aside</span>
          <button
            type="button"
            aria-expanded={fold.open}
            onClick={fold.toggle}
            className="hover:text-ink hover:underline"
          >
            {fold.open ? "Hide" : "Show"}
          </button>
        </>
      )}
    </header>
  );
}

function Elapsed({ turn }: { turn: Turn }) {
  const live = turn.startedAt !== null && !isOver(turn);
  const now = useNow(1000, live);
  if (turn.startedAt === null) return null;
  const end = live ? now : Date.parse(turn.endedAt ?? turn.startedAt);
  return <span>{formatDuration(turn.durationMs ?? Math.max(0, end - Date.parse(turn.startedAt)))}</span>;
}
