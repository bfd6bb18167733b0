"use client";

import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { showError } from "../../ui/toast.tsx";

/** Changes the text of a waiting prompt in its place. What the server refuses stays written. */
export function QueuedPromptEditor({
  text: before,
  onSave,
  onClose,
}: {
  text: string;
  onSave: (text: string) => Promise<void>;
  onClose: () => void;
}) {
  const [text, setText] = useState(before);
  const [saving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);

  async function save(): Promise<void> {
    if (text.trim() === "" || saving) return;
    setSaving(true);
    try {
      await onSave(text.trim());
    } catch (error) {
      showError(messageOf(error));
      setSaving(false);
    }
  }

  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1.5 py-0.5">
      <textarea
        ref={field}
        value={text}
        readOnly={saving}
        aria-label="Text of the queued prompt"
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.setSelectionRange(text.length, text.length)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            void save();
          }
          if (event.key === "Escape") {
            event.preventDefault();
            onClose();
          }
        }}
        className="scroll-quiet max-h-40 w-full resize-none rounded-md border border-line-strong bg-raise px-2 py-1 text-sm [field-sizing:content] focus:border-ink-3 max-md:text-[16px]"
      />
      <div className="flex gap-1.5">
        <Button size="sm" onClick={() => void save()} disabled={text.trim() === "" || saving}>
          {saving ? "Saving…" : "Save"}
          <KeyHint keys="mod+enter" />
        </Button>
        <Button size="sm" look="quiet" onClick={onClose}>
          Leave it as it was
        </Button>
      </div>
    </div>
  );
}
