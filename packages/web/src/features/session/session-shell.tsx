"use client";

import { type ReactNode, useState } from "react";
import { z } from "zod";
import { useWish } from "../../api/session-room.ts";
import { cn } from "../../lib/class-names.ts";
import { Resizer } from "../../ui/resizer.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { useMediaQuery } from "../../ui/use-media-query.ts";

const MIN_WIDTH = 340;
const MAX_WIDTH = 1000;

/**
 * Header over conversation and inspector. Where there is room for one pane only (a phone, a narrow window) `view` says
 * which; it is part of the address, so that going back works.
 */
export function SessionShell({
  header,
  conversation,
  inspector,
  view,
}: {
  header: (panel: { open: boolean; toggle: () => void }) => ReactNode;
  conversation: ReactNode;
  inspector: ReactNode;
  view: "conversation" | "inspector";
}) {
  const wide = useMediaQuery("(min-width: 1120px)");
  const [open, setOpen] = useLocal("inspector.open", z.boolean(), true);
  useWish(() => setOpen(true));
  const [remembered, setRemembered] = useLocal("inspector.width", z.number(), 520);
  const [width, setWidth] = useState(remembered);
  const showConversation = wide || view === "conversation";
  const showInspector = wide ? open : view === "inspector";
  return (
    <main className="flex min-h-0 flex-1 flex-col">
      {header({ open, toggle: () => setOpen(!open) })}
      <div className="flex min-h-0 flex-1">
        <section
          aria-label="Conversation"
          className={cn("flex min-h-0 min-w-0 flex-1 flex-col", !showConversation && "hidden")}
        >
          {conversation}
        </section>
        {showInspector && wide && (
          <Resizer
            label="Width of the inspector"
            width={width}
            min={MIN_WIDTH}
            max={MAX_WIDTH}
            onResize={(next) => {
              setWidth(next);
              setRemembered(next);
            }}
          />
        )}
        {showInspector && (
          <aside
            aria-label="Inspector"
            className="flex min-h-0 min-w-0 shrink-0 flex-col"
            style={{ width: wide ? `min(${width}px, 62%)` : "100%" }}
          >
            {inspector}
          </aside>
        )}
      </div>
    </main>
  );
}
