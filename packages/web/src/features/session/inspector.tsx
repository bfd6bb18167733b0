"use client";

import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import { z } from "zod";
import { useWish } from "../../api/session-room.ts";
import { useLocal } from "../../ui/use-local.ts";

export interface InspectorTab {
  id: string;
  label: string;
  /** A small figure beside the label. */
  note?: ReactNode;
  content: ReactNode;
  /** What stands under it and stays while it scrolls. */
  foot?: ReactNode;
}

/**
 * The rooms beside the conversation. A tab stands here once there is something real in it. `only` names the one to show
 * where the rooms are pages of their own.
 */
export function Inspector({ tabs, only }: { tabs: readonly InspectorTab[]; only: string | null }) {
  const [remembered, setTab] = useLocal("inspector.tab", z.string(), tabs[0]?.id ?? "");
  useWish(({ room }) => setTab(room));
  const single = tabs.find(({ id }) => id === only);
  if (single) {
    return (
      <div className="flex min-h-0 flex-1 flex-col">
        {single.content}
        {single.foot}
      </div>
    );
  }
  const value = tabs.some(({ id }) => id === remembered) ? remembered : (tabs[0]?.id ?? "");
  return (
    <Tabs.Root value={value} onValueChange={setTab} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-stretch border-b px-4">
        <Tabs.List aria-label="Inspector" className="flex gap-4 whitespace-nowrap">
          {tabs.map(({ id, label, note }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="relative flex items-center gap-1.5 text-ink-2 hover:text-ink data-[state=active]:font-medium data-[state=active]:text-ink data-[state=active]:after:absolute data-[state=active]:after:inset-x-0 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-ink"
            >
              {label}
              {note !== undefined && <span className="text-2xs font-normal text-ink-3">{note}</span>}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
      </div>
      {tabs.map(({ id, content, foot }) => (
        <Tabs.Content key={id} value={id} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          {content}
          {foot}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
