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

export const BUDGET_WARNING_SHARE = 0.8;
