import {
  type Budget,
  BUDGET_MEASURES,
  BUDGET_WARNING_SHARE,
  type BudgetMeasure,
  type BudgetUse,
  formatUsd,
} from "@background-agents/shared/usage/budget";
import { formatCount } from "./format.ts";

export const MEASURE_NAMES: Record<BudgetMeasure, string> = { usd: "Money", tokens: "Tokens", minutes: "Minutes" };

/** `$5.02`, `1.2M tokens`, `90 minutes`. */
export function amountWords(measure: BudgetMeasure, amount: number): string {
  return [figure(measure, amount), unit(measure, amount)].filter(Boolean).join(" ");
}

/** `$5.02 of $5.00`, `81k of 100k tokens`. */
export function useWords({ measure, used, limit }: Pick<BudgetUse, "measure" | "used" | "limit">): string {
  return `${figure(measure, used)} of ${amountWords(measure, limit)}`;
}

function figure(measure: BudgetMeasure, amount: number): string {
  if (measure === "usd") return formatUsd(amount);
  if (measure === "tokens") return formatCount(Math.round(amount));
  return String(amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount));
}

function unit(measure: BudgetMeasure, amount: number): string {
  if (measure === "usd") return "";
  if (measure === "tokens") return "tokens";
  return amount === 1 ? "minute" : "minutes";
}

/** `$5.00, 1.2M tokens`; null where nothing is limited. */
export function budgetWords(budget: Budget): string | null {
  const parts = BUDGET_MEASURES.flatMap((measure) => {
    const limit = budget[measure];
    return typeof limit !== "number" ? [] : [amountWords(measure, limit)];
  });
  return parts.length === 0 ? null : parts.join(", ");
}

/** How much of each limit is used, for the limits there are. */
export function budgetUses(
  budget: Budget,
  used: Record<BudgetMeasure, number>,
): { measure: BudgetMeasure; used: number; limit: number }[] {
  return BUDGET_MEASURES.flatMap((measure) => {
    const limit = budget[measure];
    return typeof limit !== "number" ? [] : [{ measure, used: used[measure], limit }];
  });
}

export type UseLevel = "fine" | "near" | "reached";

export function useLevel({ used, limit }: Pick<BudgetUse, "used" | "limit">): UseLevel {
  if (used >= limit) return "reached";
  return used >= limit * BUDGET_WARNING_SHARE ? "near" : "fine";
}

/** The next limit to offer: twice as much, and more than was used, in round figures. */
export function nextLimit({ measure, used, limit }: Pick<BudgetUse, "measure" | "used" | "limit">): number {
  const target = Math.max(limit * 2, used * 1.25);
  const step = 10 ** Math.max(measure === "tokens" ? 0 : -1, Math.floor(Math.log10(target)) - 1);
  return Math.round(Math.ceil(target / step - 1e-9) * step * 100) / 100;
}
