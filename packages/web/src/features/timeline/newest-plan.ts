import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { createContext } from "react";

/** Id of the part that holds the turn's newest checklist: that one is shown whole. */
export const NewestPlan = createContext<string | null>(null);

export function newestPlanOf(entries: readonly TimelineEntry[]): string | null {
  const plan = entries.findLast(
    (entry) => (entry.kind === "part" || entry.kind === "open-part") && entry.part.tool?.name === "todowrite",
  );
  return plan?.key ?? null;
}
