"use client";

import { X } from "lucide-react";
import { cancelPrompt } from "../../api/sessions-client.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { useTimeline } from "../../api/use-timeline.ts";
import { messageOf } from "../../lib/app-error.ts";
import { showError } from "../../ui/toast.tsx";

/** Prompts that wait behind the running one. */
export function QueuedPrompts() {
  const { sessionId } = useSessionStore();
  const { queued } = useTimeline();
  if (queued.length === 0) return null;
  return (
    <ol aria-label="Queued prompts" className="mx-3 rounded-t-lg border border-b-0 bg-sunk">
      {queued.map(({ id, text }) => (
        <li key={id} className="flex items-center gap-2 border-b px-3 py-1 text-xs last:border-0">
          <span className="text-ink-3">Next</span>
          <span className="min-w-0 flex-1 truncate" title={text}>
            {text}
          </span>
          <button
            type="button"
            aria-label="Cancel this prompt"
            title="Cancel"
            className="rounded-sm p-1 text-ink-3 hover:bg-hover hover:text-ink"
            onClick={() => cancelPrompt(sessionId, id).catch((error: unknown) => showError(messageOf(error)))}
          >
            <X size={13} />
          </button>
        </li>
      ))}
    </ol>
  );
}
