import { z } from "zod";

/** What may be used, in each measure; null or absent: no limit. Minutes are minutes of turns that ran. */
export const Budget = z.strictObject({
  usd: z.number().positive().max(1_000_000).nullable().optional(),
  tokens: z.int().positive().nullable().optional(),
  minutes: z.number().positive().max(1_000_000).nullable().optional(),
});
export type Budget = z.infer<typeof Budget>;

export const BUDGET_MEASURES = ["usd", "tokens", "minutes"] as const;
export const BudgetMeasure = z.enum(BUDGET_MEASURES);
export type BudgetMeasure = z.infer<typeof BudgetMeasure>;

/** A day is the server's calendar day, over all sessions. */
export const BudgetScope = z.enum(["session", "day"]);
export type BudgetScope = z.infer<typeof BudgetScope>;

/** How much of a limit is used: warned of from 80 %, stopped at 100 %. */
export const BudgetUse = z.object({
  scope: BudgetScope,
  measure: BudgetMeasure,
  used: z.number().nonnegative(),
  limit: z.number().positive(),
});
export type BudgetUse = z.infer<typeof BudgetUse>;

/** What was used, in every measure. */
export const BudgetSpent = z.object({
  usd: z.number().nonnegative(),
  tokens: z.number().nonnegative(),
  minutes: z.number().nonnegative(),
});
export type BudgetSpent = z.infer<typeof BudgetSpent>;

export const BUDGET_WARNING_SHARE = 0.8;

const SCOPE_WORDS: Record<BudgetScope, string> = { session: "for this session", day: "for today" };

/** What is used of a limit, in words: `$5.00 of $5.00 for this session`, `30 of 30 minutes for today`. */
export function budgetWords({ scope, measure, used, limit }: BudgetUse): string {
  if (measure === "usd") return `${formatUsd(used)} of ${formatUsd(limit)} ${SCOPE_WORDS[scope]}`;
  const digits = measure === "minutes" ? 1 : 0;
  const amount = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits });
  return `${amount(used)} of ${amount(limit)} ${measure} ${SCOPE_WORDS[scope]}`;
}

/** `$5.00`; of less than ten cents two digits that say something: `$0.012`. */
export function formatUsd(value: number): string {
  const digits = value > 0 && value < 0.1 ? Math.min(6, 1 - Math.floor(Math.log10(value))) : 2;
  return `$${value.toFixed(digits).replace(/(\.\d\d)0+$/, "$1")}`;
}
