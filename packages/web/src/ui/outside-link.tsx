import type { ReactNode } from "react";
import { ExternalLink } from "lucide-react";
import { safeLink } from "../lib/safe-link.ts";
import { cn } from "../lib/class-names.ts";

/** A link to another site; only its words where the address is not one to follow. */
export function OutsideLink({
  href,
  className,
  children,
}: {
  href: string | null;
  className?: string;
  children: ReactNode;
}) {
  const address = safeLink(href);
  if (!address) return <span className={className}>{children}</span>;
  return (
    <a
      href={address}
      title={address}
      target="_blank"
      rel="noopener noreferrer"
      className={cn("inline-flex items-center gap-0.5 text-accent underline-offset-2 hover:underline", className)}
    >
      {children}
      <ExternalLink size={12} aria-hidden className="ml-0.5 inline shrink-0" />
    </a>
  );
}
