import type { ReactNode } from "react";
import { cn } from "../lib/class-names.ts";

/** Words in an otherwise empty place: what would be here, and what to do. */
export function Message({ title, children, className }: { title: string; children?: ReactNode; className?: string }) {
  return (
    <div className={cn("mx-auto flex max-w-sm flex-col items-center gap-1 px-6 py-10 text-center", className)}>
      <p className="font-medium text-ink">{title}</p>
      {children && <div className="text-ink-2">{children}</div>}
    </div>
  );
}
