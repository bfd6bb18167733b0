import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/class-names.ts";
import { TerminalText } from "../../ui/terminal-spans.tsx";

const LOOK = { info: "text-ink-2", warning: "text-need", error: "text-fail" };

/** A line the server says, between what the agent does. */
export function Note({ tone, children }: { tone: "info" | "warning" | "error"; children: ReactNode }) {
  const Icon = tone === "info" ? Info : TriangleAlert;
  return (
    <div className={cn("flex gap-2.5 py-1", LOOK[tone])}>
      <Icon size={15} className="mt-0.5 shrink-0 opacity-80" aria-label={tone} />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}

/** What the server said; the lines after the first are what a program printed, one click deeper. */
export function Notice({ tone, message }: { tone: "info" | "warning" | "error"; message: string }) {
  const [line = "", ...rest] = message.trimEnd().split("\n");
  const printed = rest.join("\n");
  return (
    <Note tone={tone}>
      {line}
      {printed.trim() !== "" && (
        <details>
          <summary className="w-max text-xs text-ink-3 hover:text-ink">Log</summary>
          <pre className="code-block scroll-quiet mt-1 max-h-72 overflow-auto rounded-lg bg-sunk px-3 py-2 whitespace-pre-wrap text-ink-2">
            <TerminalText text={printed} />
          </pre>
        </details>
      )}
    </Note>
  );
}
