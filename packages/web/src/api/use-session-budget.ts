"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import type { Budget, BudgetMeasure } from "@background-agents/shared/usage/budget";
import { useQuery } from "@tanstack/react-query";
import { budgetUses } from "../lib/budget-words.ts";
import { findSetting } from "../lib/setting-value.ts";
import { settingsQuery } from "./guard-queries.ts";

/** The session's limits, its own or its repository's, and how much of each is used. */
export function useSessionBudget({ repository, budget, usage, workMs }: Session) {
  const { data } = useQuery({ ...settingsQuery(repository.id), retry: false });
  const inherited: Budget = (data && findSetting(data.settings, "budget.session")?.value) ?? {};

  const used: Record<BudgetMeasure, number> = {
    usd: usage.costUsd,
    tokens: usage.inputTokens + usage.outputTokens,
    minutes: workMs / 60_000,
  };
  return { inherited, used, uses: budgetUses(budget ?? inherited, used) };
}
