import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "../lib/class-names.ts";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors duration-120 disabled:pointer-events-none",
  {
    variants: {
      look: {
        primary: "bg-accent text-accent-ink hover:bg-accent/90 disabled:bg-hover disabled:text-ink-3",
        outline: "border border-line-strong bg-raise text-ink hover:bg-hover disabled:text-ink-3",
        quiet: "text-ink-2 hover:bg-hover hover:text-ink disabled:text-ink-3",
      },
      size: {
        sm: "h-6 px-2 text-xs",
        md: "h-7 px-2.5 text-sm",
        lg: "h-8 px-3 text-sm",
        icon: "size-7",
      },
    },
    defaultVariants: { look: "outline", size: "md" },
  },
);

/** At most one `primary` in view: it is the one thing to do next. An `icon` button needs an aria-label. */
export function Button({ look, size, className, ...props }: ComponentProps<"button"> & VariantProps<typeof button>) {
  return <button type="button" className={cn(button({ look, size }), className)} {...props} />;
}
