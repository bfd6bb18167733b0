"use client";

import type { ToolCall } from "../../lib/describe-tool.ts";
import { formatDuration } from "../../lib/format.ts";
import { useNow } from "../../ui/use-now.ts";

const SHOWN_FROM_MS = 1000;

/** How a call stands, at the end of its line: a turning ring and the time so far, or how it ended. */
export function ToolState({ call, outcome }: { call: ToolCall; outcome?: string | null }) {
  const live = call.status === "running" || call.status === "pending";
  const now = useNow(1000, live && call.startedAt !== null);
  if (live) {
    const soFar = call.startedAt === null ? 0 : now - Date.parse(call.startedAt);
    return (
      <span className="ml-auto flex shrink-0 items-center gap-2 text-xs text-ink-3">
        {soFar >= SHOWN_FROM_MS && formatDuration(soFar)}
        <svg viewBox="0 0 12 12" width={12} height={12} fill="none" strokeWidth="1.6" role="img" aria-label="running">
          <circle cx="6" cy="6" r="4.25" className="stroke-accent/25" />
          <path
            d="M6 1.75A4.25 4.25 0 0 1 10.25 6"
            strokeLinecap="round"
            className="origin-center animate-spin-slow stroke-accent"
          />
        </svg>
      </span>
    );
  }
  const duration =
    call.durationMs !== null && call.durationMs >= SHOWN_FROM_MS ? formatDuration(call.durationMs) : null;
  const words = [endWords(call), outcome, duration].filter(Boolean).join(" · ");
  const failed = call.status === "failed" || (call.exitCode ?? 0) !== 0;
  return <span className={`ml-auto shrink-0 text-xs ${failed ? "text-fail" : "text-ink-3"}`}>{words}</span>;
}

function endWords(call: ToolCall): string | null {
  if (call.status === "interrupted") return "stopped";
  if (call.exitCode !== null) return `exit ${call.exitCode}`;
  return call.status === "failed" ? "failed" : null;
}
