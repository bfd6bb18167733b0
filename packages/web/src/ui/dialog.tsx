"use client";

import { type ReactNode, useEffect, useState } from "react";
import { cn } from "../lib/class-names.ts";
import { LayerContext } from "./layer.ts";

const FIELD = "input:enabled:not([type=radio]:not(:checked)), textarea:enabled, select:enabled";
const BUTTON = "button:enabled";

/** A modal dialog: the browser's own, which keeps focus inside, closes on Esc and gives focus back. */
export function Dialog({
  open,
  onClose,
  label,
  className,
  children,
}: {
  open: boolean;
  onClose: () => void;
  label: string;
  className?: string;
  children: ReactNode;
}) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  useEffect(() => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    // By itself the browser begins at whatever can be clicked or scrolled, which may be no field at all.
    const first = dialog.querySelector<HTMLElement>(FIELD) ?? dialog.querySelector<HTMLElement>(BUTTON);
    first?.focus();
  }, [dialog]);
  if (!open) return null;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Esc does the same
    <dialog
      ref={setDialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog) onClose();
      }}
      className={cn(
        "w-[min(30rem,calc(100vw-1.5rem))] animate-rise rounded-xl bg-raise shadow-float outline-none",
        className,
      )}
    >
      <LayerContext value={dialog}>{children}</LayerContext>
    </dialog>
  );
}
