import { ChevronLeft } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";

/** A page of text and lists: title, one sentence, content. */
export function PageFrame({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="scroll-quiet min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-[760px] px-4 pt-3 pb-16 md:px-6 md:pt-12">
        <Link href="/" className="-ml-1.5 flex w-max items-center gap-0.5 rounded-md py-2 pr-2 text-ink-2 md:hidden">
          <ChevronLeft size={18} aria-hidden />
          Sessions
        </Link>
        <div className="flex items-center gap-4">
          <h1 className="text-page font-semibold tracking-[-0.015em]">{title}</h1>
          {actions && <div className="ml-auto">{actions}</div>}
        </div>
        {lead && <p className="pt-1 text-prose text-ink-2">{lead}</p>}
        <div className="pt-6">{children}</div>
      </div>
    </main>
  );
}
