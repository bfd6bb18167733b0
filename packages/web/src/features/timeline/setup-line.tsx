"use client";

import type { SetupEntry } from "@background-agents/shared/sessions/timeline";
import { Check, CircleStop, TriangleAlert } from "lucide-react";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { runSetup } from "../../api/guard-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { apartWords, canRunSetup, ranFor, setupWords } from "../../lib/setup-words.ts";
import { showError } from "../../ui/toast.tsx";
import { TerminalText } from "../../ui/terminal-spans.tsx";

/** A run of the repository's setup script, its log one click deeper; a failed one can be run again. */
export function SetupLine({ entry }: { entry: SetupEntry }) {
  const { sessionId } = useSessionStore();
  const { status, logTail } = entry;
  const bad = status === "failed" || status === "timed-out";
  const apart = apartWords(entry);
  const duration = ranFor(entry);
  const canRun = useSession(
    ({ session }) => session !== null && canRunSetup(session) && session.setup?.status === entry.status,
  );
  return (
    <div className={cn("flex gap-2.5 py-1", bad ? "text-need" : "text-ink-2")}>
      {status === "running" ? (
        <span className="mx-1 mt-1.5 size-2 shrink-0 animate-breathe rounded-full bg-accent" aria-hidden />
      ) : bad ? (
        <TriangleAlert size={15} className="mt-0.5 shrink-0 opacity-80" aria-label="warning" />
      ) : status === "stopped" ? (
        <CircleStop size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      ) : (
        <Check size={15} className="mt-0.5 shrink-0 text-ink-3" aria-label="done" />
      )}
      <div className="min-w-0 flex-1 break-words">
        {setupWords(entry)}
        {apart !== null && <span className="text-ink-3"> · {apart}</span>}
        {duration !== null && <span className="text-ink-3"> · {duration}</span>}
        {bad && (
          <>
            <span className="text-ink-2">. The session goes on without it.</span>
            {canRun && (
              <button
                type="button"
                onClick={() => runSetup(sessionId).catch((error: unknown) => showError(messageOf(error)))}
                className="pl-1 text-accent underline-offset-2 hover:underline"
              >
                Run again
              </button>
            )}
          </>
        )}
        {logTail.trim() !== "" && (
          <details>
            <summary className="w-max text-xs text-ink-3 hover:text-ink">Log</summary>
            <pre className="code-block scroll-quiet mt-1 max-h-72 overflow-auto rounded-lg bg-sunk px-3 py-2 whitespace-pre-wrap text-ink-2">
              <TerminalText text={logTail} />
            </pre>
          </details>
        )}
      </div>
    </div>
  );
}
