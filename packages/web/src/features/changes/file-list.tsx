"use client";

import type { ChangedFile } from "@background-agents/shared/sessions/session";
import { useEffect, useRef } from "react";
import { cn } from "../../lib/class-names.ts";

const STATUS_LETTERS: Record<ChangedFile["status"], { letter: string; words: string; look: string }> = {
  added: { letter: "A", words: "added", look: "text-good" },
  modified: { letter: "M", words: "changed", look: "text-ink-3" },
  deleted: { letter: "D", words: "deleted", look: "text-fail" },
  renamed: { letter: "R", words: "renamed", look: "text-review" },
  copied: { letter: "C", words: "copied", look: "text-review" },
  "type-changed": { letter: "T", words: "type changed", look: "text-need" },
};

/** The changed files, one chosen. */
export function FileList({
  files,
  current,
  onChoose,
}: {
  files: readonly ChangedFile[];
  current: string | null;
  onChoose: (path: string) => void;
}) {
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which is no clean-up.
    row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <ul aria-label="Changed files" className="scroll-quiet max-h-[30%] shrink-0 overflow-y-auto border-b py-1">
      {files.map((file) => {
        const status = STATUS_LETTERS[file.status];
        const slash = file.path.lastIndexOf("/") + 1;
        return (
          <li key={file.path}>
            <button
              ref={file.path === current ? row : null}
              type="button"
              aria-current={file.path === current}
              title={file.oldPath ? `${file.oldPath} → ${file.path}` : file.path}
              onClick={() => onChoose(file.path)}
              className={cn(
                "grid w-full grid-cols-[12px_minmax(0,1fr)_auto] items-center gap-2.5 px-4 py-[3px] text-left -outline-offset-2",
                file.path === current ? "bg-sunk" : "hover:bg-hover",
              )}
            >
              <span className={cn("font-mono text-2xs", status.look)} title={status.words}>
                {status.letter}
              </span>
              <span className="flex min-w-0 font-mono text-code">
                <span className="truncate text-ink-3">{file.path.slice(0, slash)}</span>
                <span className="shrink-0">{file.path.slice(slash)}</span>
              </span>
              <span className="flex gap-1.5 text-xs">
                {file.binary && <span className="text-ink-3">binary</span>}
                {file.additions > 0 && <span className="text-good">+{file.additions}</span>}
                {file.deletions > 0 && <span className="text-fail">−{file.deletions}</span>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
