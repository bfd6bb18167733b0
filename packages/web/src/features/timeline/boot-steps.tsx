"use client";

import type { BootPhase } from "@background-agents/shared/sessions/session";
import type { BootEntry, BootPhaseEntry } from "@background-agents/shared/sessions/timeline";
import { Check, Clock, X } from "lucide-react";
import { useSession } from "../../api/use-session.tsx";
import { cn } from "../../lib/class-names.ts";
import { formatDuration } from "../../lib/format.ts";
import { stopWords } from "../../lib/stop-words.ts";
import { TerminalText } from "../../ui/terminal-spans.tsx";

const STEP_WORDS: Record<BootPhase, string> = {
  connect: "Container",
  clone: "Working tree",
  setup: "Set-up",
  agent: "Agent",
};

/** How the sandbox starts, step by step, with its log one click deeper; one quiet line once it is up. */
export function BootSteps({ boot }: { boot: BootEntry }) {
  if (boot.status === "ready") {
    return (
      <p className="flex items-center gap-2.5 py-0.5 text-ink-3">
        <Check size={15} className="shrink-0" aria-hidden />
        Sandbox ready{boot.bootMs === null ? "" : ` in ${formatDuration(boot.bootMs)}`}
      </p>
    );
  }
  // The script's own line tells how it went; where it never began the reason is here.
  if (boot.task === "setup" && boot.status === "stopped" && boot.reason === null) return null;
  if (boot.status === "queued") {
    return (
      <p role="status" className="flex gap-2.5 py-0.5 text-ink-2">
        <Clock size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
        <span className="min-w-0 break-words">
          Waiting for a sandbox
          {boot.reason && <span className="text-ink-3"> · {boot.reason}</span>}
        </span>
      </p>
    );
  }
  const message = boot.phases.find(({ status }) => status === "running")?.message;
  const reason = boot.reason !== null && boot.status === "stopped" ? stopWords(boot.reason) : boot.reason;
  return (
    <div className="flex flex-col gap-2 py-1">
      <ol aria-label="Start of the sandbox" className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {boot.phases.map((phase, at) => (
          <Step key={phase.phase} phase={phase} creating={at === 0 && boot.status === "creating"} />
        ))}
      </ol>
      {(reason ?? message) && (
        <p className={cn("break-words first-letter:uppercase", boot.status === "failed" ? "text-fail" : "text-ink-2")}>
          {reason ?? message}
        </p>
      )}
      <BootLog tail={boot.logTail} live={boot.status === "creating" || boot.status === "booting"} />
    </div>
  );
}

function Step({ phase, creating }: { phase: BootPhaseEntry; creating: boolean }) {
  const status = creating ? "running" : phase.status;
  return (
    <li
      className={cn(
        "flex items-center gap-1.5",
        status === "waiting" ? "text-ink-3" : status === "failed" ? "text-fail" : "text-ink-2",
      )}
    >
      <StepShape status={status} />
      <span className={cn(status === "running" && "text-ink")}>{STEP_WORDS[phase.phase]}</span>
    </li>
  );
}

function StepShape({ status }: { status: BootPhaseEntry["status"] }) {
  if (status === "done") return <Check size={13} aria-label="done" />;
  if (status === "failed") return <X size={13} aria-label="failed" />;
  return (
    <svg viewBox="0 0 12 12" width={12} height={12} fill="none" strokeWidth="1.6" role="img" aria-label={status}>
      <circle cx="6" cy="6" r="4" className={status === "running" ? "stroke-accent/25" : "stroke-line-strong"} />
      {status === "running" && (
        <path d="M6 2a4 4 0 0 1 4 4" strokeLinecap="round" className="origin-center animate-spin-slow stroke-accent" />
      )}
    </svg>
  );
}

function BootLog({ tail, live }: { tail: string | null; live: boolean }) {
  const log = useSession((state) => state.bootLog);
  const text = tail || (live ? log.map((piece) => piece.text).join("") : "");
  if (text.trim() === "") return null;
  return (
    <details className="group/log">
      <summary className="w-max text-xs text-ink-3 hover:text-ink">Log</summary>
      <pre className="code-block scroll-quiet mt-1 max-h-72 overflow-auto rounded-lg bg-sunk px-3 py-2 whitespace-pre-wrap text-ink-2">
        <TerminalText text={text} />
      </pre>
    </details>
  );
}
