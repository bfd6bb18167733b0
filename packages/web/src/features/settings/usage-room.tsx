"use client";

import type { UsageAnswer } from "@background-agents/shared/protocol/guard-commands";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { usageQuery } from "../../api/guard-queries.ts";
import { amountWords, budgetUses } from "../../lib/budget-words.ts";
import { daysAgo } from "../../lib/days-ago.ts";
import { formatCount, formatDuration, formatMoney } from "../../lib/format.ts";
import { Message } from "../../ui/message.tsx";
import { RetryMessage } from "../../ui/retry-message.tsx";
import { Bar, Meter } from "../../ui/meter.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Waiting } from "../../ui/waiting.tsx";

type By = UsageAnswer["by"];
type Row = UsageAnswer["rows"][number];

const SPANS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "all", label: "all" },
] as const;

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** What went to the models, and today's part of the budget. */
export function UsageRoom() {
  const [by, setBy] = useState<By>("day");
  const [span, setSpan] = useState<(typeof SPANS)[number]["value"]>("30");
  const { data, error, refetch, isPlaceholderData } = useQuery(
    usageQuery(by, span === "all" ? null : daysAgo(Number(span) - 1, new Date())),
  );
  if (error) return <RetryMessage title="The usage could not be read" error={error} onRetry={refetch} />;
  const rows = data?.rows ?? [];
  return (
    <>
      {data && <Today today={data.today} />}
      <div className="flex flex-wrap items-center gap-3 pt-6 pb-2">
        <Segmented
          label="By"
          value={by}
          onChange={setBy}
          options={(["day", "session", "model", "repository"] as const).map((value) => ({ value, label: value }))}
        />
        <Segmented label="Time" value={span} onChange={setSpan} options={SPANS} />
      </div>
      {!data || (isPlaceholderData && data.by !== by) ? (
        <Waiting words="Counting…" className="py-3" />
      ) : rows.length === 0 ? (
        <Message title="Nothing was used in this time" />
      ) : (
        <UsageTable rows={rows} by={by} />
      )}
    </>
  );
}

function Today({ today }: { today: UsageAnswer["today"] }) {
  const uses = budgetUses(today.budget, today);
  return (
    <section aria-label="Today" className="border-b pb-5">
      <p className="pb-1.5">
        <span className="font-medium">Today</span>{" "}
        <span className="text-ink-2">
          {[
            amountWords("usd", today.usd),
            amountWords("tokens", today.tokens),
            amountWords("minutes", today.minutes),
          ].join(" · ")}
        </span>
      </p>
      <div className="flex max-w-md flex-col gap-2">
        {uses.map((use) => (
          <Meter key={use.measure} use={use} />
        ))}
        {uses.length === 0 && (
          <p className="text-ink-3">
            There is no limit for a day.{" "}
            <Link href="/settings/budgets" className="text-accent underline underline-offset-2">
              Set one
            </Link>
          </p>
        )}
      </div>
    </section>
  );
}

/** The bar is money; tokens where nothing of it costs any. */
function UsageTable({ rows, by }: { rows: readonly Row[]; by: By }) {
  const paid = rows.some(({ costUsd }) => costUsd > 0);
  const weight = (row: Row) => (paid ? row.costUsd : row.inputTokens + row.outputTokens);
  const most = Math.max(1e-9, ...rows.map(weight));
  return (
    <table className="w-full border-collapse">
      <thead>
        <tr className="border-b text-left text-xs text-ink-3">
          <th className="py-1.5 pr-4 font-normal capitalize">{by}</th>
          <Figure head>Money</Figure>
          <Figure head>In</Figure>
          <Figure head>Out</Figure>
          <Figure head>Time</Figure>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} className="border-b">
            <td className="w-full max-w-0 py-1.5 pr-4">
              <span className="block truncate" title={row.label}>
                <Label row={row} by={by} />
              </span>
              <Bar share={weight(row) / most} className="text-ink-3" />
            </td>
            <Figure>{formatMoney(row.costUsd) || "–"}</Figure>
            <Figure>{formatCount(row.inputTokens)}</Figure>
            <Figure>{formatCount(row.outputTokens)}</Figure>
            <Figure>{row.minutes > 0 ? formatDuration(row.minutes * 60_000) : "–"}</Figure>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Label({ row: { key, label }, by }: { row: Row; by: By }) {
  if (by === "day") return DAY.format(new Date(`${key}T00:00:00`));
  if (by !== "session") return label;
  return (
    <Link href={`/sessions/${key}`} className="underline-offset-2 hover:underline">
      {label}
    </Link>
  );
}

function Figure({ head = false, children }: { head?: boolean; children: ReactNode }) {
  const Cell = head ? "th" : "td";
  return <Cell className="py-1.5 pl-3 text-right font-normal whitespace-nowrap text-ink-2">{children}</Cell>;
}
