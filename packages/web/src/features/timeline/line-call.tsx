"use client";

import { BookOpen, Bot, FileText, Files, Folder, Globe, type LucideIcon, Search, Wrench } from "lucide-react";
import { useState } from "react";
import { cn } from "../../lib/class-names.ts";
import { describeTool, type ToolCall } from "../../lib/describe-tool.ts";
import { RawCall } from "./raw-call.tsx";
import { ToolState } from "./tool-state.tsx";

const ICONS: Record<string, LucideIcon> = {
  read: FileText,
  list: Folder,
  glob: Files,
  grep: Search,
  webfetch: Globe,
  task: Bot,
  skill: BookOpen,
};

/** A call that only looked at something: one quiet line, what it saw one click deeper. */
export function LineCall({ call }: { call: ToolCall }) {
  const [open, setOpen] = useState(false);
  const { verb, subject, outcome } = describeTool(call);
  const Icon = ICONS[call.name] ?? Wrench;
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-mx-1 flex w-[calc(100%+8px)] items-center gap-2.5 rounded-sm px-1 py-0.5 text-left text-ink-2 transition-colors duration-120 hover:text-ink"
      >
        <Icon size={15} className="shrink-0 text-ink-3" aria-hidden />
        <span className="min-w-0 truncate">
          {verb} {subject && <span className="font-mono text-code">{subject}</span>}
        </span>
        <ToolState call={call} outcome={outcome} />
      </button>
      {call.error && !open && <p className={cn("ml-[25px] break-words text-fail")}>{call.error}</p>}
      {open && (
        <div className="ml-[7px] border-l pl-[17px]">
          <RawCall call={call} open />
        </div>
      )}
    </div>
  );
}
