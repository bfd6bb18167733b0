"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { cn } from "../../lib/class-names.ts";
import { formatDuration } from "../../lib/format.ts";

/** What the model thought, folded to one line. */
export function Reasoning({ text, durationMs, live }: { text: string; durationMs: number | null; live: boolean }) {
  const [open, setOpen] = useState(false);
  const words = durationMs === null ? "Thought" : `Thought for ${formatDuration(durationMs)}`;
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-mx-1 flex items-center gap-2.5 rounded-sm px-1 py-0.5 text-ink-3 transition-colors duration-120 hover:text-ink"
      >
        <ChevronRight size={15} aria-hidden className={cn("transition-transform duration-120", open && "rotate-90")} />
        {live ? "Thinking…" : words}
        {live && <span className="size-1.5 animate-breathe rounded-full bg-accent" aria-hidden />}
      </button>
      {open && (
        <p className="ml-[7px] max-w-[76ch] border-l pl-[17px] text-sm break-words whitespace-pre-wrap text-ink-2">
          {text.trim()}
        </p>
      )}
    </div>
  );
}
