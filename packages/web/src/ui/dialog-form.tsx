"use client";

import type { ReactNode } from "react";
import { Dialog } from "./dialog.tsx";
import { Button } from "./button.tsx";
import { Waiting } from "./waiting.tsx";

/** A dialog that asks for a few things and does one: title, fields, what went wrong, the act. */
export function DialogForm({
  title,
  lead,
  act,
  onAct,
  onClose,
  problem = null,
  waiting = null,
  disabled = false,
  className,
  children,
}: {
  title: string;
  lead?: ReactNode;
  /** The words on the button. */
  act: ReactNode;
  onAct: () => void;
  onClose: () => void;
  problem?: ReactNode;
  /** What it still has to learn before the act. */
  waiting?: string | null;
  disabled?: boolean;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <Dialog open onClose={onClose} label={title} {...(className ? { className } : {})}>
      <form
        className="flex max-h-[min(46rem,calc(100dvh-3rem))] flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled) onAct();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }}
      >
        <div className="px-5 pt-4.5 pb-3">
          <h2 className="text-title font-semibold">{title}</h2>
          {lead && <div className="pt-0.5 text-ink-2">{lead}</div>}
        </div>
        <div className="scroll-quiet flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pb-4">
          {children}
          {waiting && <Waiting words={waiting} />}
          {problem && (
            <p role="alert" className="break-words text-fail">
              {problem}
            </p>
          )}
        </div>
        <div className="flex shrink-0 justify-end gap-2 border-t px-5 py-3">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={disabled}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A label over a field. */
export function FormField({ label, hint, children }: { label: ReactNode; hint?: ReactNode; children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-col gap-1.5">
      <span className="text-ink-2">{label}</span>
      {children}
      {hint && <span className="text-xs text-ink-3">{hint}</span>}
    </label>
  );
}
