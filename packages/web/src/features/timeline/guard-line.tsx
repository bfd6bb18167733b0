import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { BUDGET_MEASURES } from "@background-agents/shared/usage/budget";
import { Gauge, Globe, KeyRound, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { amountWords, budgetWords, useWords } from "../../lib/budget-words.ts";
import { NETWORK_WORDS } from "../../lib/network-words.ts";
import { refusalReason } from "../../lib/refusal-reason.ts";
import { areMany, FoldedNames, NameList } from "../../ui/name-list.tsx";
import { PERMISSION_WORDS } from "../../ui/session-options.tsx";
import { Note } from "./note.tsx";

type Entry<K extends TimelineEntry["kind"]> = Extract<TimelineEntry, { kind: K }>;

const SCOPE_WORDS = { once: "until the turn ends", session: "for this session", repository: "for this repository" };

/** What guards the session, in one line: hosts, budget, secrets. */
export function GuardLine({
  entry,
}: {
  entry: Entry<
    | "egress"
    | "egress-allowed"
    | "egress-hosts"
    | "network-mode"
    | "permission-mode"
    | "budget"
    | "budget-changed"
    | "secrets"
  >;
}) {
  switch (entry.kind) {
    case "egress":
      return <Blocked hosts={entry.hosts} />;
    case "egress-allowed":
      return (
        <Line icon={<Globe size={15} />}>
          You let it reach <Code>{withPort(entry)}</Code> {SCOPE_WORDS[entry.scope]}
        </Line>
      );
    case "egress-hosts":
      return (
        <Line icon={<Globe size={15} />}>
          {entry.hosts.length === 0 ? (
            "This session may reach no hosts of its own any more"
          ) : (
            <>
              This session may also reach{" "}
              {areMany(entry.hosts) ? `${entry.hosts.length} hosts` : <NameList names={entry.hosts} />}
              {areMany(entry.hosts) && <FoldedNames names={entry.hosts} />}
            </>
          )}
        </Line>
      );
    case "network-mode":
      return (
        <Line icon={<Globe size={15} />}>
          Network: {entry.from && `${NETWORK_WORDS[entry.from]} → `}
          {NETWORK_WORDS[entry.to]}, by you
        </Line>
      );
    case "permission-mode":
      return (
        <Line icon={<ShieldCheck size={15} />}>
          The agent: {entry.from && `${PERMISSION_WORDS[entry.from]} → `}
          {PERMISSION_WORDS[entry.to]}, by you
        </Line>
      );
    case "budget":
      return <Note tone="warning">{budgetNote(entry)}</Note>;
    case "budget-changed":
      return <Line icon={<Gauge size={15} />}>{budgetChange(entry)}</Line>;
    case "secrets":
      return (
        <Line icon={<KeyRound size={15} />}>
          {entry.names.length === 0 ? (
            "The agent has no secrets any more"
          ) : (
            <>
              The agent has {areMany(entry.names) ? `${entry.names.length} secrets` : <NameList names={entry.names} />},
              and can read what {entry.names.length === 1 ? "it holds" : "they hold"}
              {areMany(entry.names) && <FoldedNames names={entry.names} />}
            </>
          )}
        </Line>
      );
  }
}

function budgetNote({ use, reached, spent }: Entry<"budget">): string {
  const isDay = use.scope === "day";
  const whose = isDay ? "today’s budget" : "the session’s budget";
  if (!reached) return `Most of ${whose} is used: ${useWords(use)}`;
  const stopped = `Stopped: ${whose} is used, ${useWords(use)}.`;
  if (!spent) return stopped;
  const others = BUDGET_MEASURES.filter((measure) => measure !== use.measure && spent[measure] > 0);
  const amounts = others.map((measure) => amountWords(measure, spent[measure])).join(" and ");
  const whole = amounts === "" ? "" : ` ${isDay ? "All sessions together took" : "It took"} ${amounts} for it.`;
  return `${stopped}${whole} What was done is kept.`;
}

function budgetChange({ budget, cause }: Entry<"budget-changed">): string {
  if (cause === "new-day") return "A new day: today’s budget no longer stops the session";
  if (cause === "settings") return "The budget was raised in the settings: it no longer stops the session";
  if (budget === null) return "The session’s budget is that of its repository again";
  return `The session’s budget is now ${budgetWords(budget) ?? "without a limit"}`;
}

/** One host with its reason; several by name, their reasons one click deeper. */
function Blocked({ hosts }: { hosts: Entry<"egress">["hosts"] }) {
  const [first] = hosts;
  if (!first) return null;
  if (hosts.length === 1) {
    return (
      <Note tone="warning">
        The sandbox may not reach <Code>{withPort(first)}</Code>
        {first.times > 1 && ` (asked ${first.times} times)`}: {refusalReason(first)}
      </Note>
    );
  }
  const names = hosts.map(withPort);
  return (
    <Note tone="warning">
      The sandbox may not reach {areMany(names) ? `${names.length} hosts it asked for` : <NameList names={names} />}
      <details className="text-ink-2">
        <summary className="w-max text-xs">Why</summary>
        <span className="flex flex-col pt-0.5">
          {hosts.map((host) => (
            <span key={withPort(host)}>
              <Code>{withPort(host)}</Code>
              {host.times > 1 && ` × ${host.times}`}: {refusalReason(host)}
            </span>
          ))}
        </span>
      </details>
    </Note>
  );
}

/** The usual port goes without saying, and so does one that could not be read. */
function withPort({ host, port }: { host: string; port: number }): string {
  return port === 443 || port === 0 ? host : `${host}:${port}`;
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex gap-2.5 py-1 text-ink-2">
      <span className="mt-0.5 shrink-0 text-ink-3" aria-hidden>
        {icon}
      </span>
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}

function Code({ children }: { children: ReactNode }) {
  return <code className="text-code wrap-anywhere">{children}</code>;
}
