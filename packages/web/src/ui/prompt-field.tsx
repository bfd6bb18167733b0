"use client";

import { type ReactNode, type RefObject, useEffect, useRef } from "react";

/** The box a prompt is written in: a field that grows with its text, and a line of chips and actions under it. */
export function PromptField({
  value,
  onChange,
  onSubmit,
  onAltSubmit,
  onEscape,
  placeholder,
  label,
  minRows,
  autoFocus = false,
  isNewSession = false,
  chips,
  actions,
  field,
}: {
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  /** The other way to send, where there is one: ⌥↵. */
  onAltSubmit?: () => void;
  onEscape?: () => void;
  placeholder: string;
  label: string;
  minRows: number;
  autoFocus?: boolean;
  isNewSession?: boolean;
  chips: ReactNode;
  actions: ReactNode;
  field?: RefObject<HTMLTextAreaElement | null>;
}) {
  const own = useRef<HTMLTextAreaElement>(null);
  const textarea = field ?? own;
  useEffect(() => {
    // Only where a keyboard is at hand: on a phone it would cover the page.
    if (autoFocus && matchMedia("(pointer: fine)").matches) textarea.current?.focus();
  }, [autoFocus, textarea]);
  return (
    <div className="rounded-xl border border-line-strong bg-raise shadow-[0_1px_2px_light-dark(#1d1b180a,#0000)] transition-colors duration-120 focus-within:border-ink-3">
      <textarea
        ref={textarea}
        value={value}
        rows={minRows}
        placeholder={placeholder}
        aria-label={label}
        {...(isNewSession ? { "data-new-session": "" } : {})}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          // With nothing written the keys are not for this field.
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && value.trim() !== "") {
            event.preventDefault();
            onSubmit();
          }
          if (event.key === "Enter" && event.altKey && onAltSubmit && value.trim() !== "") {
            event.preventDefault();
            onAltSubmit();
          }
          if (event.key === "Escape") {
            if (onEscape) onEscape();
            else event.currentTarget.blur();
          }
        }}
        style={{ minHeight: `calc(${minRows} * 22px + 16px)` }}
        className="scroll-quiet block max-h-[40vh] w-full resize-none bg-transparent px-3.5 pt-3 pb-1 text-prose [field-sizing:content] max-md:text-[16px]"
      />
      <div className="flex flex-wrap items-center gap-x-0.5 gap-y-1 px-1.5 pb-1.5">
        {chips}
        <div className="ml-auto flex items-center gap-1.5">{actions}</div>
      </div>
    </div>
  );
}
