"use client";

import { type ReactNode, useState } from "react";
import { cn } from "../lib/class-names.ts";
import { Button } from "./button.tsx";

/** For what cannot be undone: the first press asks, the second does it; leaving it takes the question back. */
export function ConfirmButton({
  children,
  question,
  onConfirm,
  label,
  disabled = false,
}: {
  children: ReactNode;
  /** The words on the button once it asks. */
  question: string;
  onConfirm: () => void;
  /** What it does, for those who do not see what it stands beside. */
  label: string;
  disabled?: boolean;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <Button
      look="quiet"
      size="sm"
      disabled={disabled}
      aria-label={asking ? `${label}: ${question}` : label}
      className={cn(asking && "bg-fail-soft text-fail hover:bg-fail-soft hover:text-fail")}
      onBlur={() => setAsking(false)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setAsking(false);
      }}
      onClick={() => {
        setAsking(!asking);
        if (asking) onConfirm();
      }}
    >
      {asking ? question : children}
    </Button>
  );
}
