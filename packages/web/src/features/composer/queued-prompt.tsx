"use client";

import type { SentReview } from "@background-agents/shared/reviews/comment";
import type { TurnPrompt } from "@background-agents/shared/sessions/timeline";
import { ChevronDown, ChevronUp, PencilLine, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cn } from "../../lib/class-names.ts";
import { plural } from "../../lib/format.ts";
import { QueuedPromptEditor } from "./queued-prompt-editor.tsx";

/** One waiting prompt: a line, or the field it is changed in. A steering one is the agent's already. */
export function QueuedPrompt({
  prompt,
  word,
  isFirst,
  isLast,
  onStep,
  onEdit,
  onCancel,
  drag,
}: {
  prompt: TurnPrompt;
  word: string;
  isFirst: boolean;
  isLast: boolean;
  onStep: (by: -1 | 1) => void;
  /** Rejects where the server refuses it. */
  onEdit: (text: string) => Promise<unknown>;
  onCancel: () => void;
  drag: { active: boolean; start: () => void; end: () => void; drop: () => void };
}) {
  const [editing, setEditing] = useState(false);
  const [over, setOver] = useState(false);
  const movable = prompt.mode === "queue" && !editing;
  return (
    <li
      draggable={movable && !(isFirst && isLast)}
      onDragStart={drag.start}
      onDragEnd={drag.end}
      onDragEnter={() => setOver(true)}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget instanceof Node ? event.relatedTarget : null)) {
          setOver(false);
        }
      }}
      onDragOver={(event) => {
        if (drag.active) event.preventDefault();
      }}
      onDrop={() => {
        setOver(false);
        drag.drop();
      }}
      className={cn(
        "group flex items-center gap-2 border-b py-1 pr-1.5 pl-3 text-xs last:border-0",
        over && drag.active && "bg-hover",
      )}
    >
      <span className="w-9 shrink-0 text-ink-3">{word}</span>
      {editing ? (
        <QueuedPromptEditor
          text={prompt.text}
          onSave={async (text) => {
            if (text !== prompt.text) await onEdit(text);
            setEditing(false);
          }}
          onClose={() => setEditing(false)}
        />
      ) : (
        <span className="min-w-0 flex-1 truncate" title={prompt.text}>
          {prompt.review ? reviewWords(prompt.review) : prompt.text}
        </span>
      )}
      {!editing && (
        <span className="flex shrink-0 items-center">
          {movable && (
            <>
              {!isFirst && (
                <RowButton label="Run this prompt earlier" icon={<ChevronUp size={13} />} onClick={() => onStep(-1)} />
              )}
              {!isLast && (
                <RowButton label="Run this prompt later" icon={<ChevronDown size={13} />} onClick={() => onStep(1)} />
              )}
              <RowButton label="Edit this prompt" icon={<PencilLine size={12} />} onClick={() => setEditing(true)} />
            </>
          )}
          <RowButton label="Cancel this prompt" icon={<X size={13} />} onClick={onCancel} />
        </span>
      )}
    </li>
  );
}

/** `2 review comments: in a.ts, b.ts`. */
function reviewWords({ message, comments }: SentReview): string {
  const paths = [...new Set(comments.map(({ path }) => path))].join(", ");
  return [message, `${plural(comments.length, "review comment")} in ${paths}`].filter(Boolean).join(" · ");
}

function RowButton({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="flex size-6 items-center justify-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink max-md:size-8"
    >
      {icon}
    </button>
  );
}
