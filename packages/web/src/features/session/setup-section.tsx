"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { runSetup } from "../../api/guard-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { apartWords, canRunSetup, ranFor, setupWords } from "../../lib/setup-words.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.tsx";
import { TerminalText } from "../../ui/terminal-spans.tsx";

/** How the setup script's last run went, the end of what it printed, and another go. */
export function SetupSection({ session }: { session: Session }) {
  const { id, setup } = session;
  const [starting, setStarting] = useState(false);
  if (!setup) return null;
  const canRun = canRunSetup(session);
  const running = setup.status === "running";
  const duration = ranFor(setup);

  function again(): void {
    setStarting(true);
    runSetup(id)
      .catch((error: unknown) => showError(messageOf(error)))
      .finally(() => setStarting(false));
  }

  return (
    <section aria-label="Setup script" className="border-b px-4 py-2.5">
      <div className="flex items-center gap-3">
        <p
          className={cn(
            "min-w-0 flex-1 break-words",
            (setup.status === "failed" || setup.status === "timed-out") && "text-need",
          )}
        >
          {setupWords(setup)}
          {duration !== null && <span className="text-ink-3"> · {duration}</span>}
        </p>
        <Button
          size="sm"
          disabled={running || starting || !canRun}
          title={canRun ? undefined : setup.apart ? "Between turns" : "Once the sandbox is up"}
          onClick={again}
        >
          <RotateCcw size={12} aria-hidden />
          {running ? "Running…" : "Run again"}
        </Button>
      </div>
      {setup.apart && (
        <p className="pt-1 text-xs text-ink-3">
          It runs {apartWords(setup)}. Run again, it also meets what the agent left in the workspace, which could read
          these secrets: do so where you trust the work. Its container takes the place of the agent’s meanwhile.
        </p>
      )}
      {setup.logTail.trim() !== "" && (
        <pre className="code-block pt-1.5 break-words whitespace-pre-wrap text-ink-2">
          <TerminalText text={setup.logTail} />
        </pre>
      )}
    </section>
  );
}
