"use client";

import { type ReactNode, useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { useDraft } from "./use-draft.ts";

/**
 * A control that is written in before it is saved: Save and Discard stand under it once it differs from what holds.
 * `read` makes a value of the draft, or says what is wrong with it.
 */
export function DraftForm<Draft, Value>({
  name,
  initial,
  read,
  onSave,
  children,
}: {
  /** The setting's. */
  name: string;
  initial: Draft;
  read: (draft: Draft) => { value: Value } | { problem: string };
  /** False: it was refused, and what was written stays. */
  onSave: (value: Value) => Promise<boolean>;
  children: (draft: Draft, setDraft: (draft: Draft) => void) => ReactNode;
}) {
  const [draft, setDraft] = useDraft<Draft>(name);
  const [problem, setProblem] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);

  function discard(): void {
    setDraft(null);
    setProblem(null);
  }

  async function save(): Promise<void> {
    if (draft === null || saving) return;
    const parsed = read(draft);
    if ("problem" in parsed) return setProblem(parsed.problem);
    setSaving(true);
    setProblem(null);
    const saved = await onSave(parsed.value);
    setSaving(false);
    if (saved) setDraft(null);
  }

  return (
    <form
      className="flex min-w-0 flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        // Nothing brings back what is discarded, so it takes more than a slip of the finger where much was written.
        if (event.key === "Escape" && !(event.target instanceof HTMLTextAreaElement)) discard();
        if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
        event.preventDefault();
        void save();
      }}
    >
      {children(draft ?? initial, (next) => {
        setDraft(next);
        setProblem(null);
      })}
      {problem && (
        <p role="alert" className="break-words text-fail">
          {problem}
        </p>
      )}
      {draft !== null && (
        <div className="flex gap-2">
          <Button type="submit" disabled={saving}>
            {saving ? "Saving…" : "Save"}
          </Button>
          <Button look="quiet" disabled={saving} onClick={discard}>
            Discard
          </Button>
        </div>
      )}
    </form>
  );
}
