"use client";

import { memo, useState } from "react";
import { cn } from "../../lib/class-names.ts";

const LONG_LINES = 12;
const LONG_CHARACTERS = 1200;

/** What was asked, as it was written. A long one is folded. */
export const PromptView = memo(function PromptView({
  text,
  label = "Your prompt",
  mark,
}: {
  text: string;
  label?: string;
  /** A word on how it came. */
  mark?: string;
}) {
  const [open, setOpen] = useState(false);
  const isLong = text.length > LONG_CHARACTERS || text.split("\n").length > LONG_LINES;
  return (
    <div aria-label={label} role="group" className="rounded-lg border bg-raise px-3.5 py-2.5">
      {mark && <p className="pb-0.5 text-xs text-ink-3">{mark}</p>}
      <p className={cn("text-prose break-words whitespace-pre-wrap", isLong && !open && "line-clamp-[10]")}>{text}</p>
      {isLong && (
        <button type="button" onClick={() => setOpen(!open)} className="pt-1 text-xs text-ink-3 hover:text-ink">
          {open ? "Show less" : "Show all of it"}
        </button>
      )}
    </div>
  );
});
