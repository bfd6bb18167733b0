"use client";

import type { PromptId } from "@background-agents/shared/ids";
import type { UpdatePromptBody } from "@background-agents/shared/protocol/commands";
import { useState } from "react";
import { cancelPrompt, updatePrompt } from "../../api/sessions-client.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { useTimeline } from "../../api/use-timeline.ts";
import { messageOf } from "../../lib/app-error.ts";
import { showError } from "../../ui/toast.tsx";
import { beforeOfDrop, beforeOfStep } from "./queue-places.ts";
import { QueuedPrompt } from "./queued-prompt.tsx";

/** Prompts that wait behind the running one: can be changed, put in another order, taken back. */
export function QueuedPrompts() {
  const { sessionId } = useSessionStore();
  const { queued } = useTimeline();
  const [dragged, setDragged] = useState<PromptId | null>(null);
  if (queued.length === 0) return null;
  const ids = queued.map(({ id }) => id);

  function change(id: PromptId, body: UpdatePromptBody): void {
    updatePrompt(sessionId, id, body).catch((error: unknown) => showError(messageOf(error)));
  }

  function place(id: PromptId, before: PromptId | null | undefined): void {
    if (before !== undefined) change(id, { before });
  }

  return (
    <ol
      aria-label="Queued prompts"
      className="scroll-quiet mx-3 max-h-[30dvh] overflow-y-auto rounded-t-lg border border-b-0 bg-sunk"
    >
      {queued.map((prompt, at) => (
        <QueuedPrompt
          key={prompt.id}
          prompt={prompt}
          word={prompt.mode === "steer" ? "Steers" : at === 0 ? "Next" : "Then"}
          isFirst={at === 0}
          isLast={at === queued.length - 1}
          onStep={(by) => place(prompt.id, beforeOfStep(ids, prompt.id, by))}
          onEdit={(text) => updatePrompt(sessionId, prompt.id, { text })}
          onCancel={() => {
            cancelPrompt(sessionId, prompt.id).catch((error: unknown) => showError(messageOf(error)));
          }}
          drag={{
            start: () => setDragged(prompt.id),
            end: () => setDragged(null),
            active: dragged !== null,
            drop: () => {
              if (dragged) place(dragged, beforeOfDrop(ids, dragged, prompt.id));
            },
          }}
        />
      ))}
    </ol>
  );
}
