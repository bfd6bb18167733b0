import { ChevronDown } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "../lib/class-names.ts";

/** A choice within a composer: shows what is chosen, opens what else there is. */
export function Chip({ icon, children, className, ...props }: ComponentProps<"button"> & { icon?: ReactNode }) {
  return (
    <button
      type="button"
      className={cn(
        "inline-flex h-6.5 min-w-0 items-center gap-1.5 rounded-md px-2 text-xs text-ink-2 transition-colors duration-120 hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
        className,
      )}
      {...props}
    >
      {icon && <span className="shrink-0 text-ink-3">{icon}</span>}
      <span className="truncate">{children}</span>
      <ChevronDown size={12} className="shrink-0 text-ink-3" aria-hidden />
    </button>
  );
}
