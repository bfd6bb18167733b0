"use client";

import type { RepositoryId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import type { Budget, BudgetUse } from "@background-agents/shared/usage/budget";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { setSessionBudget, updateSettings } from "../../api/guard-client.ts";
import { settingsQuery } from "../../api/guard-queries.ts";
import { messageOf } from "../../lib/app-error.ts";
import { readAmount } from "../../lib/budget-draft.ts";
import { amountWords, MEASURE_NAMES, nextLimit, useWords } from "../../lib/budget-words.ts";
import { findSetting } from "../../lib/setting-value.ts";
import { Button } from "../../ui/button.tsx";
import { usePrimaryAct } from "../../ui/primary-act.ts";
import { TextField } from "../../ui/text-field.tsx";

/** The session is stopped by its budget, or by the day's: raising it goes on from here. */
export function BudgetCard({ session, reached }: { session: Session; reached: BudgetUse }) {
  const queries = useQueryClient();
  const primary = usePrimaryAct("answer", true);
  /** What is written for another limit; null until it is asked for. */
  const [exact, setExact] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { scope, measure } = reached;
  const next = nextLimit(reached);

  async function readLimits(repository: RepositoryId | null, key: "budget.session" | "budget.day"): Promise<Budget> {
    const { settings } = await queries.fetchQuery({ ...settingsQuery(repository), staleTime: 0 });
    return findSetting(settings, key)?.value ?? {};
  }

  /** Null: no limit. */
  async function raise(limit: number | null): Promise<void> {
    setSaving(true);
    setProblem(null);
    try {
      // The other limits are written with this one: as they are, not as this page knew them, or did not yet.
      if (scope === "session") {
        const own = session.budget ?? (await readLimits(session.repository.id, "budget.session"));
        await setSessionBudget(session.id, { ...own, [measure]: limit });
      } else {
        const today = await readLimits(null, "budget.day");
        await updateSettings({ values: { "budget.day": { ...today, [measure]: limit } } });
        await queries.invalidateQueries({ queryKey: ["settings"] });
      }
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSaving(false);
    }
  }

  function raiseExactly(): void {
    const limit = readAmount(exact ?? "");
    if (limit !== null && limit > reached.used) void raise(limit);
    else setProblem(`Write more than ${amountWords(measure, reached.used)}, which is used already.`);
  }

  return (
    <section
      aria-label="Budget reached"
      className="animate-rise rounded-xl border border-need/45 bg-need-soft px-3.5 pt-2.5 pb-3"
    >
      <p className="text-xs font-medium text-need">
        {scope === "day" ? "Today’s budget of all sessions is used" : "The session’s budget is used"}
      </p>
      <p className="pt-0.5">
        {MEASURE_NAMES[measure]}: {useWords(reached)}. Nothing more is asked of a model until it is raised
        {scope === "day" && ", or until tomorrow"}.
      </p>
      {problem && (
        <p role="alert" className="pt-1 break-words text-fail">
          {problem}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-1.5 pt-2.5">
        {exact === null ? (
          <>
            <Button look={primary ? "primary" : "outline"} disabled={saving} onClick={() => void raise(next)}>
              Raise to {amountWords(measure, next)}
            </Button>
            <Button disabled={saving} onClick={() => setExact("")}>
              Another limit…
            </Button>
            <Button look="quiet" disabled={saving} onClick={() => void raise(null)}>
              No limit
            </Button>
          </>
        ) : (
          <>
            <TextField
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the field is what the button before was pressed for
              autoFocus
              aria-label={`New limit: ${MEASURE_NAMES[measure].toLowerCase()}`}
              inputMode="decimal"
              value={exact}
              placeholder={String(next)}
              onChange={(event) => setExact(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") raiseExactly();
                if (event.key === "Escape") setExact(null);
              }}
              className="h-7 w-28 bg-raise"
            />
            <Button look={primary ? "primary" : "outline"} disabled={saving} onClick={raiseExactly}>
              Raise
            </Button>
            <Button look="quiet" disabled={saving} onClick={() => setExact(null)}>
              Back
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
