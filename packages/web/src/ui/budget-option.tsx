import type { Budget } from "@background-agents/shared/usage/budget";
import { type BudgetDraft, draftOf } from "../lib/budget-draft.ts";
import { budgetWords } from "../lib/budget-words.ts";
import { BudgetFields } from "./budget-fields.tsx";
import { CheckField } from "./radio-list.tsx";

function bringIntoView(node: HTMLElement | null): void {
  node?.scrollIntoView({ block: "nearest" });
}

/** Whether a session has a budget of its own, and which. */
export function BudgetOption({
  own,
  inherited,
  draft,
  onChange,
}: {
  /** What it has now; null: its repository's. */
  own: Budget | null;
  /** Its repository's. */
  inherited: Budget;
  /** Undefined: as it is; null: its repository's. */
  draft: BudgetDraft | null | undefined;
  onChange: (draft: BudgetDraft | null) => void;
}) {
  const shown = draft === undefined ? own && draftOf(own) : draft;
  return (
    <div className="flex flex-col gap-2">
      <CheckField checked={shown !== null} onChange={(isOwn) => onChange(isOwn ? draftOf(own ?? inherited) : null)}>
        A budget of its own
        <span className="block text-xs text-ink-2">
          {shown === null
            ? `Else its repository’s: ${budgetWords(inherited) ?? "no limit"}.`
            : "An empty field is no limit."}
        </span>
      </CheckField>
      {shown && (
        // Asked for at the end of a long dialog, they would appear out of sight.
        <div ref={draft === undefined ? undefined : bringIntoView}>
          <BudgetFields draft={shown} onChange={onChange} />
        </div>
      )}
    </div>
  );
}
