import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/class-names.ts";

const LOOK = { info: "text-ink-2", warning: "text-need", error: "text-fail" };

/** A line the server says, between what the agent does. */
export function Note({ tone, children }: { tone: "info" | "warning" | "error"; children: ReactNode }) {
  const Icon = tone === "info" ? Info : TriangleAlert;
  return (
    <div className={cn("flex gap-2.5 py-1", LOOK[tone])}>
      <Icon size={15} className="mt-0.5 shrink-0 opacity-80" aria-label={tone} />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}
