"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { cn } from "../lib/class-names.ts";
import { copyText } from "./copy-text.ts";

/** Copies `text`, and says for a moment that it did. */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={copied ? "Copied" : label}
      title={label}
      className={cn(
        "rounded-sm p-1 text-ink-3 transition-colors duration-120 hover:bg-hover hover:text-ink",
        className,
      )}
      onClick={async () => {
        if (!(await copyText(text))) return;
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      }}
    >
      <Icon size={13} />
    </button>
  );
}
