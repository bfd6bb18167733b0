"use client";

import type { Turn } from "@background-agents/shared/sessions/timeline";
import { useSession } from "../../api/use-session.tsx";
import { cn } from "../../lib/class-names.ts";
import { countAsked } from "../../lib/count-asked.ts";
import { sentence } from "../../lib/sentence.ts";

const TAIL_WORDS: Partial<Record<Turn["status"], string>> = {
  starting: "Handing the prompt to the agent",
  saving: "Saving the work on its branch",
  stopping: "Stopping the agent",
};

/** Says that a turn goes on where nothing else in it shows that. */
export function TurnTail({ turn }: { turn: Turn }) {
  const reason = useSession((state) => state.session?.statusReason);
  const asking = useSession(({ session }) => session !== null && countAsked(session.asking) > 0);
  const overBudget = useSession(({ session }) => session !== null && session.budgetReached !== null);
  const words =
    asking && turn.status === "running"
      ? "Waiting for your answer"
      : overBudget && turn.status === "pending"
        ? "Waits until the budget is raised"
        : tailWords(turn, reason);
  if (!words) return null;
  return (
    <p role="status" className="flex items-center gap-2 pt-2.5 text-ink-2">
      <span
        className={cn("size-1.5 rounded-full", asking || overBudget ? "bg-need" : "animate-breathe bg-accent")}
        aria-hidden
      />
      {words}
    </p>
  );
}

function tailWords(turn: Turn, reason: string | undefined): string | null {
  const escalated = turn.entries.some(({ kind }) => kind === "stop-escalated");
  if (turn.status === "stopping" && escalated && reason) return sentence(reason);
  const words = TAIL_WORDS[turn.status];
  if (words) return words;
  const last = turn.entries.at(-1);
  if (turn.status === "pending") return last?.kind === "boot" ? null : "Waiting for a sandbox";
  if (turn.status !== "running" || last?.kind === "open-part" || (last?.kind === "retry" && !last.over)) return null;
  return reason && reason !== "working" ? sentence(reason) : "Working";
}
