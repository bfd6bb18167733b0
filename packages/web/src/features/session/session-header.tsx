"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { ArrowRight, ChevronLeft, PanelRight } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { sendTo } from "../../api/session-room.ts";
import { useSession } from "../../api/use-session.tsx";
import { useSessionBudget } from "../../api/use-session-budget.ts";
import { useLevel, useWords } from "../../lib/budget-words.ts";
import { cn } from "../../lib/class-names.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { PullRequestBadge } from "../../ui/pull-request-badge.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import { CredentialsBadge } from "./credentials-badge.tsx";
import { GuardBadges } from "./guard-badges.tsx";
import { SessionMenu } from "./session-menu.tsx";
import { SessionTitle } from "./session-title.tsx";
import { StatusPill } from "./status-pill.tsx";

export function SessionHeader({
  panel,
  base,
}: {
  panel: { open: boolean; toggle: () => void };
  /** How the session stands to its base. */
  base?: ReactNode;
}) {
  const session = useSession((state) => state.session);
  const [renaming, setRenaming] = useState(false);
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b pr-2 pl-2 md:pl-5">
      <Link href="/" aria-label="All sessions" className="-mr-2 rounded-md p-2 text-ink-2 hover:bg-hover md:hidden">
        <ChevronLeft size={18} />
      </Link>
      {session ? (
        <>
          <SessionTitle session={session} editing={renaming} onEdit={setRenaming} />
          <Branches session={session} base={base} />
          <div className="ml-auto flex shrink-0 items-center gap-3">
            <Spent session={session} />
            <PullRequestChip session={session} />
            <GuardBadges session={session} />
            <CredentialsBadge />
            <StatusPill session={session} />
            <div className="flex items-center">
              <SessionMenu session={session} onRename={() => setRenaming(true)} />
              <Tooltip text={panel.open ? "Hide inspector" : "Show inspector"}>
                <Button
                  look="quiet"
                  size="icon"
                  className="hidden lg:inline-flex"
                  aria-label={panel.open ? "Hide inspector" : "Show inspector"}
                  aria-pressed={panel.open}
                  onClick={panel.toggle}
                >
                  <PanelRight size={16} />
                </Button>
              </Tooltip>
            </div>
          </div>
        </>
      ) : (
        <span className="h-3.5 w-48 animate-breathe rounded-sm bg-hover" />
      )}
    </header>
  );
}

/** How the pull request stands; shows it. */
function PullRequestChip({ session: { pullRequest } }: { session: Session }) {
  if (!pullRequest) return null;
  return (
    <button
      type="button"
      onClick={() => sendTo("pull-request")}
      className="hidden items-center rounded-md px-1.5 py-1 transition-colors duration-120 hover:bg-hover md:flex"
    >
      <PullRequestBadge pullRequest={pullRequest} />
    </button>
  );
}

function Branches({ session, base }: { session: Session; base: ReactNode }) {
  return (
    <div className="hidden min-w-0 shrink-[1.5] items-center gap-1.5 overflow-hidden text-xs text-ink-2 md:flex">
      <span className="max-w-40 shrink-0 truncate" title={session.repository.path}>
        {session.repository.name}
      </span>
      <span className="text-ink-3">/</span>
      <span
        className="max-w-32 shrink-0 truncate"
        title={`${session.baseBranch} at ${session.baseCommit.slice(0, 10)}`}
      >
        {baseWords(session.baseBranch)}
      </span>
      {base}
      <ArrowRight size={12} className="shrink-0 text-ink-3" aria-label="to" />
      <span className="truncate" title={session.branch}>
        {session.branch}
      </span>
      <CopyButton text={session.branch} label={`Copy ${session.branch}`} className="-ml-1 shrink-0" />
    </div>
  );
}

/** A base that is a commit is named by its first characters. */
function baseWords(base: string): string {
  return /^[0-9a-f]{40}$/.test(base) ? base.slice(0, 10) : base;
}

/** Amber from 80 % of the budget on. */
function Spent({ session }: { session: Session }) {
  const { uses } = useSessionBudget(session);
  const tokens = session.usage.inputTokens + session.usage.outputTokens;
  if (tokens === 0) return null;
  const money = formatMoney(session.usage.costUsd);
  const whole = `${session.usage.inputTokens.toLocaleString("en")} tokens in, ${session.usage.outputTokens.toLocaleString("en")} out`;
  const tight = uses.find((use) => useLevel(use) !== "fine");
  return (
    <Tooltip text={tight ? `${useWords(tight)} of the session’s budget` : whole}>
      <button
        type="button"
        onClick={() => sendTo("usage")}
        className={cn(
          "hidden rounded-md px-1 text-xs whitespace-nowrap hover:text-ink lg:inline",
          tight ? "font-medium text-need" : "text-ink-2",
        )}
      >
        {tight ? useWords(tight) : [`${formatCount(tokens)} tokens`, money].filter(Boolean).join(" · ")}
      </button>
    </Tooltip>
  );
}
