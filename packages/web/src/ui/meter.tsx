import type { BudgetUse } from "@background-agents/shared/usage/budget";
import { cn } from "../lib/class-names.ts";
import { MEASURE_NAMES, useLevel, useWords } from "../lib/budget-words.ts";

const TONES = { fine: "text-ink-3", near: "text-need", reached: "text-fail" };

/** How much of a limit is used: words and a bar. */
export function Meter({ use }: { use: Pick<BudgetUse, "measure" | "used" | "limit"> }) {
  const level = useLevel(use);
  const share = Math.min(1, use.used / use.limit);
  return (
    <div className="grid grid-cols-[4.5rem_minmax(0,1fr)] items-center gap-x-3 gap-y-0.5">
      <span className="text-ink-2">{MEASURE_NAMES[use.measure]}</span>
      <span className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className={cn(level !== "fine" && TONES[level])}>{useWords(use)}</span>
        <span className="text-xs text-ink-3">{Math.floor(share * 100)} %</span>
      </span>
      <Bar share={share} className={cn("col-span-2", TONES[level])} />
    </div>
  );
}

/** `share` from 0 to 1; its colour is that of the text. */
export function Bar({ share, className }: { share: number; className?: string }) {
  return (
    <svg
      aria-hidden
      preserveAspectRatio="none"
      viewBox="0 0 100 4"
      className={cn("h-1 w-full rounded-full bg-hover", className)}
    >
      <rect width={Math.max(share > 0 ? 1 : 0, share * 100)} height="4" fill="currentColor" />
    </svg>
  );
}
