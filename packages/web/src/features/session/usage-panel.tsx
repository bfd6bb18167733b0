"use client";

import { openSessionDialog } from "../../api/session-dialog.ts";
import { useSession } from "../../api/use-session.tsx";
import { useSessionBudget } from "../../api/use-session-budget.ts";
import { useTimeline } from "../../api/use-timeline.ts";
import { amountWords } from "../../lib/budget-words.ts";
import type { Session } from "@background-agents/shared/sessions/session";
import { formatCount, formatDuration, formatMoney } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { Meter } from "../../ui/meter.tsx";

/** What the session used, of which budget, turn by turn. */
export function UsagePanel() {
  const session = useSession((state) => state.session);
  return session && <Panel session={session} />;
}

function Panel({ session }: { session: Session }) {
  const { turns } = useTimeline();
  const { used, uses } = useSessionBudget(session);
  const counted = turns.filter(({ usage }) => usage !== null);
  return (
    <div className="scroll-quiet flex min-h-0 flex-1 flex-col overflow-y-auto">
      <section aria-label="Budget" className="flex flex-col gap-2 border-b px-4 py-3">
        {uses.map((use) => (
          <Meter key={use.measure} use={use} />
        ))}
        <p className="text-ink-2">
          {uses.length === 0 && "No limit. "}
          {amountWords("usd", used.usd)} · {amountWords("tokens", used.tokens)} · {amountWords("minutes", used.minutes)}{" "}
          of work
        </p>
        <Button size="sm" className="self-start" onClick={() => openSessionDialog({ kind: "options" })}>
          Change the budget
        </Button>
      </section>
      {counted.length > 0 && (
        <table className="mx-4 my-2 border-collapse">
          <thead>
            <tr className="border-b text-right text-xs text-ink-3 *:py-1.5 *:pl-3 *:font-normal">
              <th className="pl-0! text-left">Turn</th>
              <th>Money</th>
              <th>In</th>
              <th>Out</th>
              <th>Time</th>
            </tr>
          </thead>
          <tbody>
            {counted.map(({ key, number, prompt, usage, durationMs }) => (
              <tr key={key} className="border-b text-right text-ink-2 *:py-1.5 *:pl-3 *:whitespace-nowrap">
                <td className="w-full max-w-0 truncate pl-0! text-left" title={prompt.text}>
                  <span className="text-ink-3">{number}</span> <span className="text-ink">{prompt.text}</span>
                </td>
                <td>{formatMoney(usage?.costUsd ?? 0) || "–"}</td>
                <td>{formatCount(usage?.inputTokens ?? 0)}</td>
                <td>{formatCount(usage?.outputTokens ?? 0)}</td>
                <td>{durationMs === null ? "–" : formatDuration(durationMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
