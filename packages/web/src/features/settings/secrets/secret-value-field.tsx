"use client";

import { SHORTEST_SECRET } from "@background-agents/shared/secrets/secret";
import { useId, useState } from "react";
import { cn } from "../../../lib/class-names.ts";

/** A value that bystanders do not read; it may have several lines. */
export function SecretValueField({
  value,
  onChange,
  keeps,
}: {
  value: string;
  onChange: (value: string) => void;
  /** Left empty, the value that is stored stays. */
  keeps: boolean;
}) {
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span className="flex justify-between">
        <label htmlFor={id} className="text-ink-2">
          Value
        </label>
        <button
          type="button"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="rounded-sm text-xs text-ink-3 hover:text-ink"
        >
          {shown ? "Hide" : "Show"}
        </button>
      </span>
      <textarea
        id={id}
        value={value}
        rows={2}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        placeholder={keeps ? "as it is; write to replace it" : ""}
        onChange={(event) => onChange(event.target.value)}
        className={cn(
          "scroll-quiet max-h-48 resize-none rounded-md border border-line-strong bg-paper px-2.5 py-1.5 font-mono text-code [field-sizing:content] focus:border-accent max-md:text-[16px]",
          !shown && value !== "" && "[-webkit-text-security:disc]",
        )}
      />
      {value !== "" && value.trim().length < SHORTEST_SECRET && (
        <p className="text-xs text-need">
          Too short to be blotted out: below {SHORTEST_SECRET} characters a value is found in too much that is harmless.
        </p>
      )}
    </div>
  );
}
