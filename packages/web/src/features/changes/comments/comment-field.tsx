"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { z } from "zod";
import { readLocal, writeLocal } from "../../../lib/local-value.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { Button } from "../../../ui/button.tsx";
import { KeyHint } from "../../../ui/key-hint.tsx";
import { showError } from "../../../ui/toast.tsx";

/** A field for a comment's text. What is written stays on this device under `keep` until it is saved or cancelled. */
export function CommentField({
  keep,
  initial = "",
  label,
  save,
  onSave,
  onCancel,
  onMove,
  aside,
}: {
  keep: string;
  initial?: string;
  label: string;
  save: string;
  onSave: (text: string) => Promise<void>;
  onCancel: () => void;
  /** To the next line or the one before (⌥↑ ⌥↓), or reaching further (with ⇧). */
  onMove?: (by: 1 | -1, extend: boolean) => void;
  aside?: ReactNode;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => readLocal(keep, z.string()) ?? initial);
  const [saving, setSaving] = useState(false);

  useEffect(() => {
    const current = field.current;
    current?.focus({ preventScroll: true });
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  function change(next: string): void {
    setText(next);
    writeLocal(keep, next === initial ? undefined : next);
  }

  function cancel(): void {
    writeLocal(keep, undefined);
    onCancel();
  }

  async function submit(): Promise<void> {
    if (text.trim() === "" || saving) return;
    setSaving(true);
    try {
      await onSave(text.trim());
      writeLocal(keep, undefined);
    } catch (error) {
      showError(messageOf(error));
      setSaving(false);
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        ref={field}
        value={text}
        rows={2}
        aria-label={label}
        placeholder="What should be different?"
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            void submit();
          }
          if (onMove && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
            event.preventDefault();
            onMove(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
          }
          // What is written is not thrown away by one key.
          if (event.key === "Escape" && text.trim() === initial) cancel();
        }}
        className="scroll-quiet block max-h-64 w-full resize-none bg-transparent px-3 pt-2 pb-1 text-sm [field-sizing:content] max-md:text-[16px]"
      />
      <div className="flex flex-wrap items-center justify-end gap-1.5 px-1.5 pb-1.5">
        {aside && <div className="mr-auto">{aside}</div>}
        <Button look="quiet" size="sm" onClick={cancel}>
          Cancel
        </Button>
        <Button size="sm" type="submit" disabled={text.trim() === "" || saving}>
          {save}
          <KeyHint keys="mod+enter" />
        </Button>
      </div>
    </form>
  );
}
