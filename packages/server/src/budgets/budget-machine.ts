import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { BudgetScope, BudgetSpent, BudgetUse } from "@background-agents/shared/usage/budget";
import { idsOf } from "../sessions/prompt-endings.ts";
import { activePrompt, type SessionState } from "../sessions/session-state.ts";
import { calendarDay } from "../usage/calendar-day.ts";
import { isNear, isReached } from "./judge-budget.ts";

/**
 * Pure: what a look at the session's limits records; nothing where all is as it was.
 *
 * | use                  | session          | records                                                    |
 * |----------------------|------------------|------------------------------------------------------------|
 * | 80 % of a limit      | not warned of it | budget.warned                                              |
 * | 100 % of a limit     | not stopped      | budget.reached (with what was used)                        |
 * | 100 % of a limit     | a turn runs      | prompt.stopping                                            |
 * | under all limits     | stopped          | budget.changed (the same limits, with what made the change)|
 */
export function decideBudget(
  state: SessionState,
  uses: readonly BudgetUse[],
  { now, spentOf }: { now: Date; spentOf: (scope: BudgetScope) => BudgetSpent },
): NewSessionEvent[] {
  const active = activePrompt(state);
  const ids = active ? idsOf(active) : {};
  const { session } = state;
  const events: NewSessionEvent[] = uses
    .filter((use) => isNear(use) && !wasWarned(state, use, now))
    .map((data) => ({ type: "budget.warned", actor: "server", ...ids, data }));
  const reached = uses.find(isReached);
  if (!reached) {
    if (session.budgetReached) {
      const cause = isOver(session.budgetReached, uses) ? ("new-day" as const) : ("settings" as const);
      events.push({ type: "budget.changed", actor: "server", data: { budget: session.budget, cause } });
    }
    return events;
  }
  if (!session.budgetReached) {
    const data = { ...reached, spent: spentOf(reached.scope) };
    events.push({ type: "budget.reached", actor: "server", ...ids, data });
  }
  if (active && !state.stopping) events.push({ type: "prompt.stopping", actor: "server", ...ids, data: {} });
  return events;
}

/** The limit is what it was, and less of it is used: it was the day's, and the day is over. */
function isOver(reached: BudgetUse, uses: readonly BudgetUse[]): boolean {
  return uses.some(
    (use) =>
      use.scope === reached.scope &&
      use.scope === "day" &&
      use.measure === reached.measure &&
      use.limit === reached.limit,
  );
}

function wasWarned({ budgetWarnings }: SessionState, use: BudgetUse, now: Date): boolean {
  return budgetWarnings.some(
    (warning) =>
      warning.scope === use.scope &&
      warning.measure === use.measure &&
      warning.limit === use.limit &&
      (use.scope === "session" || calendarDay(new Date(warning.at)) === calendarDay(now)),
  );
}
