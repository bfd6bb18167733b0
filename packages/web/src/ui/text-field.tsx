import type { ComponentProps } from "react";
import { cn } from "../lib/class-names.ts";

/** One line to write in. */
export function TextField({ className, ...props }: ComponentProps<"input">) {
  return (
    <input
      type="text"
      spellCheck={false}
      autoCapitalize="off"
      className={cn(
        "h-8 min-w-0 rounded-md border border-line-strong bg-paper px-2.5 focus:border-accent disabled:text-ink-3 max-md:text-[16px]",
        className,
      )}
      {...props}
    />
  );
}
