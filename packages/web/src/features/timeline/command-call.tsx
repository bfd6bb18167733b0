"use client";

import { useState } from "react";
import { cn } from "../../lib/class-names.ts";
import type { ToolCall } from "../../lib/describe-tool.ts";
import { TerminalOutput } from "../../ui/terminal-output.tsx";
import { ToolState } from "./tool-state.tsx";

/** A command as a terminal shows it: what was typed, what came out, how it ended. */
export function CommandCall({ call }: { call: ToolCall }) {
  const [whole, setWhole] = useState(false);
  const command = typeof call.input.command === "string" ? call.input.command : "";
  const output = call.output || call.error || "";
  return (
    <section aria-label={`Command ${command}`} className="my-1 overflow-hidden rounded-lg border bg-raise">
      <div className="flex items-start gap-2.5 px-3 py-1.5">
        <span className="font-mono text-code text-ink-3 select-none" aria-hidden>
          $
        </span>
        <button
          type="button"
          aria-expanded={whole}
          title={whole ? "Fold the command" : command}
          onClick={() => setWhole(!whole)}
          className={cn(
            "min-w-0 flex-1 text-left font-mono text-code",
            whole ? "break-words whitespace-pre-wrap" : "truncate",
          )}
        >
          {command || <span className="text-ink-3">…</span>}
        </button>
        <ToolState call={call} />
      </div>
      {output.trim() !== "" && <TerminalOutput text={output} />}
      {call.remark && <p className="border-t px-3 py-1.5 text-xs break-words text-ink-2">{call.remark}</p>}
    </section>
  );
}
