"use client";

import { Button } from "../../ui/button.tsx";

/** Why not, in words the agent gets; Enter refuses, Esc goes back. */
export function RefuseField({
  reason,
  act,
  disabled,
  onChange,
  onRefuse,
  onBack,
}: {
  reason: string;
  /** The words on the button. */
  act: string;
  disabled: boolean;
  onChange: (reason: string) => void;
  onRefuse: () => void;
  onBack: () => void;
}) {
  return (
    <>
      <input
        type="text"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the field is what the button before was pressed for
        autoFocus
        aria-label="Why not"
        placeholder="Why not, or what instead (optional)"
        value={reason}
        maxLength={8000}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.metaKey && !event.ctrlKey) onRefuse();
          if (event.key === "Escape") onBack();
        }}
        className="h-7 min-w-48 flex-1 rounded-md border border-line-strong bg-raise px-2.5 focus:border-ink-3 max-md:text-[16px]"
      />
      <Button look="primary" disabled={disabled} onClick={onRefuse}>
        {act}
      </Button>
      <Button look="quiet" disabled={disabled} onClick={onBack}>
        Back
      </Button>
    </>
  );
}
