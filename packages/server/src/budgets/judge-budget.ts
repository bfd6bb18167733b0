import {
  BUDGET_MEASURES,
  BUDGET_WARNING_SHARE,
  type Budget,
  type BudgetMeasure,
  type BudgetScope,
  type BudgetUse,
} from "@background-agents/shared/usage/budget";

export type Amounts = Record<BudgetMeasure, number>;

const SCOPES: readonly BudgetScope[] = ["session", "day"];

/** Pure: how much of each limit is used, the session's own first. */
export function judgeBudget(limits: Record<BudgetScope, Budget>, used: Record<BudgetScope, Amounts>): BudgetUse[] {
  return SCOPES.flatMap((scope) =>
    BUDGET_MEASURES.flatMap((measure) => {
      const limit = limits[scope][measure];
      return limit === undefined || limit === null ? [] : { scope, measure, limit, used: used[scope][measure] };
    }),
  );
}

export function isReached({ used, limit }: BudgetUse): boolean {
  return used >= limit;
}

/** Nearly used, but not wholly. */
export function isNear(use: BudgetUse): boolean {
  return !isReached(use) && use.used >= use.limit * BUDGET_WARNING_SHARE;
}
