import type { Overlap } from "@background-agents/shared/reviews/overlap";
import { GitMerge } from "lucide-react";
import Link from "next/link";

const NAMED_FILES = 3;

/** Other live sessions that touch the same lines, before anybody merges. */
export function OverlapsNote({ overlaps, onFile }: { overlaps: readonly Overlap[]; onFile: (path: string) => void }) {
  if (overlaps.length === 0) return null;
  return (
    <ul aria-label="Other sessions on the same lines" className="shrink-0 border-b bg-need-soft px-4 py-1.5 text-xs">
      {overlaps.map(({ sessionId, title, files }) => (
        <li key={sessionId} className="flex items-baseline gap-2 py-0.5">
          <GitMerge size={12} aria-hidden className="shrink-0 translate-y-0.5 text-need" />
          <span className="min-w-0 text-ink-2">
            <Link href={`/sessions/${sessionId}`} className="font-medium text-ink underline-offset-2 hover:underline">
              {title}
            </Link>{" "}
            also changes{" "}
            {files.slice(0, NAMED_FILES).map(({ path, conflicts }, at) => (
              <span key={path}>
                {at > 0 && ", "}
                <button type="button" className="font-mono hover:underline" onClick={() => onFile(path)}>
                  {path}
                </button>
                {conflicts && <span className="text-need"> (conflicts)</span>}
              </span>
            ))}
            {files.length > NAMED_FILES && ` and ${files.length - NAMED_FILES} more`}
          </span>
        </li>
      ))}
    </ul>
  );
}
