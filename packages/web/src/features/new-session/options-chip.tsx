"use client";

import type { Budget } from "@background-agents/shared/usage/budget";
import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { type BudgetDraft, readDraft } from "../../lib/budget-draft.ts";
import { budgetWords } from "../../lib/budget-words.ts";
import { NETWORK_WORDS } from "../../lib/network-words.ts";
import { BudgetOption } from "../../ui/budget-option.tsx";
import { Chip } from "../../ui/chip.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import {
  DEFAULT_OPTIONS,
  PERMISSION_WORDS,
  SessionOptionFields,
  type SessionOptions,
} from "../../ui/session-options.tsx";

/** How the new session is to be run; says only what differs from what is usual. */
export function OptionsChip({
  options,
  budget,
  usualBudget,
  onChange,
}: {
  options: SessionOptions;
  /** Its own limits; null: those of its repository. */
  budget: Budget | null;
  usualBudget: Budget;
  onChange: (options: SessionOptions, budget: Budget | null) => void;
}) {
  const [open, setOpen] = useState(false);
  const words = [
    options.permissionMode !== DEFAULT_OPTIONS.permissionMode && PERMISSION_WORDS[options.permissionMode],
    options.networkMode !== DEFAULT_OPTIONS.networkMode && NETWORK_WORDS[options.networkMode],
    options.publishMode !== DEFAULT_OPTIONS.publishMode && "publishes by hand",
    options.agentPush !== DEFAULT_OPTIONS.agentPush && (options.agentPush === "auto" ? "may push" : "never pushes"),
    budget && (budgetWords(budget) ? `up to ${budgetWords(budget)}` : "no budget"),
  ].filter(Boolean);
  return (
    <>
      <Chip
        icon={<SlidersHorizontal size={13} />}
        aria-label={`Options: ${words.join(", ") || "as usual"}`}
        onClick={() => setOpen(true)}
      >
        {words.length > 0 ? words.join(", ") : "options"}
      </Chip>
      {open && (
        <OptionsForm
          {...{ options, budget, usualBudget }}
          onClose={() => setOpen(false)}
          onUse={(chosen, own) => {
            onChange(chosen, own);
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function OptionsForm({
  options,
  budget,
  usualBudget,
  onClose,
  onUse,
}: {
  options: SessionOptions;
  budget: Budget | null;
  usualBudget: Budget;
  onClose: () => void;
  onUse: (options: SessionOptions, budget: Budget | null) => void;
}) {
  const [draft, setDraft] = useState(options);
  const [limits, setLimits] = useState<BudgetDraft | null | undefined>(undefined);
  const [problem, setProblem] = useState<string | null>(null);

  function use(): void {
    if (limits === undefined) return onUse(draft, budget);
    const read = limits ? readDraft(limits) : { budget: null };
    if ("problem" in read) setProblem(read.problem);
    else onUse(draft, read.budget);
  }

  return (
    <DialogForm title="Options of the session" act="Use" problem={problem} onClose={onClose} onAct={use}>
      <SessionOptionFields options={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
      <BudgetOption own={budget} inherited={usualBudget} draft={limits} onChange={setLimits} />
    </DialogForm>
  );
}
