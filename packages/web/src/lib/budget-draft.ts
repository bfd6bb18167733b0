import { Budget, BUDGET_MEASURES, type BudgetMeasure } from "@background-agents/shared/usage/budget";
import { MEASURE_NAMES } from "./budget-words.ts";

/** A budget while it is being written: one text for each measure, empty for no limit. */
export type BudgetDraft = Record<BudgetMeasure, string>;

export function draftOf(budget: Budget): BudgetDraft {
  const text = (measure: BudgetMeasure) => budget[measure]?.toString() ?? "";
  return { usd: text("usd"), tokens: text("tokens"), minutes: text("minutes") };
}

/** Reads what was written: `2m` and `150k` stand for tokens, `$` may stand before money. */
export function readDraft(draft: BudgetDraft): { budget: Budget } | { problem: string } {
  const budget: Budget = {};
  for (const measure of BUDGET_MEASURES) {
    const text = draft[measure].trim();
    if (text === "") continue;
    const amount = readAmount(text);
    if (amount === null || !Budget.safeParse({ [measure]: amount }).success) {
      return { problem: `${MEASURE_NAMES[measure]}: write a number above 0, or nothing for no limit.` };
    }
    budget[measure] = amount;
  }
  return { budget };
}

/** Null where it is no amount. A comma is read as a point (`2,5`) unless it parts thousands (`1,000`). */
export function readAmount(text: string): number | null {
  const [, digits, unit = ""] = /^\$?([\d.,_ ]*\d)\s*([km]?)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const plain = digits.replaceAll(/[_ ]/g, "");
  const amount = Number(
    /^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain.replaceAll(",", "."),
  );
  const factor = { "": 1, k: 1000, m: 1_000_000 }[unit.toLowerCase()] ?? 1;
  return Number.isFinite(amount) ? Math.round(amount * factor * 1e6) / 1e6 : null;
}
