import { BUDGET_MEASURES, type BudgetMeasure } from "@background-agents/shared/usage/budget";
import type { BudgetDraft } from "../lib/budget-draft.ts";
import { MEASURE_NAMES } from "../lib/budget-words.ts";
import { TextField } from "./text-field.tsx";

/** Money, tokens and minutes of work; an empty field is no limit. */
export function BudgetFields({
  draft,
  onChange,
  placeholder,
}: {
  draft: BudgetDraft;
  onChange: (draft: BudgetDraft) => void;
  /** What holds where a field is empty; without it: no limit. */
  placeholder?: Partial<Record<BudgetMeasure, string>>;
}) {
  return (
    <div className="grid grid-cols-3 gap-x-3 md:gap-x-4">
      {BUDGET_MEASURES.map((measure) => (
        <label key={measure} className="flex min-w-0 flex-col gap-1">
          <span className="text-xs text-ink-2">
            {MEASURE_NAMES[measure]}
            {measure === "usd" && ", in $"}
          </span>
          <TextField
            inputMode="decimal"
            value={draft[measure]}
            placeholder={placeholder?.[measure] ?? "no limit"}
            onChange={(event) => onChange({ ...draft, [measure]: event.target.value })}
            className="w-full"
          />
        </label>
      ))}
    </div>
  );
}
