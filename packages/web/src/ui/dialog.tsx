"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { cn } from "../lib/class-names.ts";

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
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open && dialog.current?.open) dialog.current.close();
  }, [open]);
  if (!open) return null;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Esc does the same
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className={cn("w-[min(30rem,calc(100vw-1.5rem))] animate-rise rounded-xl bg-raise shadow-float", className)}
    >
      {children}
    </dialog>
  );
}
