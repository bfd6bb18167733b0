"use client";

import { useSession } from "../../api/use-session.tsx";
import { BlockedHosts } from "./blocked-hosts.tsx";
import { BudgetCard } from "./budget-card.tsx";

/** What stopped the session or was refused to it, with what can be done; between the conversation and the composer. */
export function Guards() {
  const session = useSession((state) => state.session);
  if (!session) return null;
  const { budgetReached, blockedHosts } = session;
  if (!budgetReached && blockedHosts.length === 0) return null;
  return (
    <div className="shrink-0 px-3 pb-2 md:px-5">
      <div className="mx-auto flex max-w-[760px] flex-col gap-2">
        {/* What nothing waits for stands farther from the hand. */}
        {blockedHosts.length > 0 && <BlockedHosts session={session} />}
        {budgetReached && (
          <BudgetCard
            key={`${budgetReached.scope}-${budgetReached.measure}-${budgetReached.limit}`}
            session={session}
            reached={budgetReached}
          />
        )}
      </div>
    </div>
  );
}
