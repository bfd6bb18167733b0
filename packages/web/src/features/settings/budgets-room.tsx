"use client";

import type { Budget } from "@background-agents/shared/usage/budget";
import type { SettingKey } from "@background-agents/shared/settings/settings";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { usageQuery } from "../../api/guard-queries.ts";
import { draftOf, readDraft } from "../../lib/budget-draft.ts";
import { budgetUses } from "../../lib/budget-words.ts";
import { BudgetFields } from "../../ui/budget-fields.tsx";
import { Meter } from "../../ui/meter.tsx";
import { DraftForm } from "./form/draft-form.tsx";
import { RoomNote } from "./form/room-note.tsx";
import { SettingRow } from "./form/setting-row.tsx";
import { useSettings } from "./form/use-settings.tsx";

/** What sessions may use. */
export function BudgetsRoom() {
  const { repository } = useSettings();
  return (
    <>
      <RoomNote>
        The server counts what goes to the models and holds the limits. At 80 % a session says so; at 100 % nothing more
        is asked of a model, the turn ends in good order, and you can raise the limit with one click.
      </RoomNote>
      <BudgetRow
        name="budget.session"
        label="Each session"
        help="Minutes are minutes of turns that ran. A session can have its own."
      />
      <BudgetRow name="budget.day" label="Each day" help="All sessions together, by the server’s calendar.">
        <Today />
      </BudgetRow>
      {repository !== null && (
        <p className="py-3 text-xs text-ink-3">The budget of a day is for all repositories together.</p>
      )}
    </>
  );
}

function BudgetRow({
  name,
  label,
  help,
  children,
}: {
  name: SettingKey & ("budget.session" | "budget.day");
  label: string;
  help: string;
  children?: ReactNode;
}) {
  return (
    <SettingRow name={name} label={label} help={help}>
      {({ setting, save }) => (
        <DraftForm name={name} initial={draftOf(setting.value)} read={readBudget} onSave={save}>
          {(draft, setDraft) => (
            <>
              <BudgetFields draft={draft} onChange={setDraft} />
              {children}
            </>
          )}
        </DraftForm>
      )}
    </SettingRow>
  );
}

function readBudget(draft: ReturnType<typeof draftOf>): { value: Budget } | { problem: string } {
  const read = readDraft(draft);
  return "problem" in read ? read : { value: read.budget };
}

function Today() {
  const today = useQuery(usageQuery("day", null)).data?.today;
  const uses = today ? budgetUses(today.budget, today) : [];
  return (
    <div className="flex flex-col gap-2 pt-1">
      {uses.map((use) => (
        <Meter key={use.measure} use={use} />
      ))}
      <Link href="/settings/usage" className="w-max text-accent underline-offset-2 hover:underline">
        {today ? "What was used" : "Usage"}
      </Link>
    </div>
  );
}
