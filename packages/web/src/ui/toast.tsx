"use client";

import { X } from "lucide-react";
import { create } from "zustand";
import { Button } from "./button.tsx";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  /** What it is of: a later one of the same takes its place, so that no undo goes back behind a later change. */
  about?: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 8000;
const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }));
let lastId = 0;

/** Tells something that happened, with at most one action (mostly: undo). Goes away after 8 s. */
export function showToast(toast: Omit<Toast, "id" | "tone"> & { tone?: Toast["tone"] }): void {
  const id = ++lastId;
  useToasts.setState(({ toasts }) => {
    const others = toasts.filter(({ about }) => about === undefined || about !== toast.about);
    return { toasts: [...others.slice(-2), { tone: "plain", ...toast, id }] };
  });
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function showError(text: string): void {
  showToast({ text, tone: "error" });
}

function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="fixed top-14 left-1/2 z-50 flex w-max max-w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-col items-center gap-2"
    >
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className="flex animate-rise items-center gap-2 rounded-lg bg-ink py-1.5 pr-1.5 pl-3 text-sm text-paper shadow-float"
        >
          <span className="max-w-xl">{toast.text}</span>
          {toast.action && (
            <Button
              look="quiet"
              size="sm"
              className="text-paper underline underline-offset-2 hover:bg-paper/15 hover:text-paper"
              onClick={() => {
                toast.action?.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <Button
            look="quiet"
            size="icon"
            className="size-6 text-paper/70 hover:bg-paper/15 hover:text-paper"
            aria-label="Dismiss"
            onClick={() => dismiss(toast.id)}
          >
            <X size={13} />
          </Button>
        </div>
      ))}
    </div>
  );
}
