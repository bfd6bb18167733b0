"use client";

import type { PartEntry } from "@background-agents/shared/sessions/timeline";
import { OpenPartView } from "./open-part-view.tsx";
import { SettledPartView } from "./settled-part-view.tsx";

/** A part, and under it those of the child session it began. */
export function PartEntryView({ entry }: { entry: PartEntry }) {
  return (
    <>
      {entry.kind === "part" ? <SettledPartView part={entry.part} /> : <OpenPartView part={entry.part} />}
      {entry.children.length > 0 && (
        <div className="ml-[7px] flex flex-col gap-1.5 border-l pl-[17px]">
          {entry.children.map((child) => (
            <PartEntryView key={child.key} entry={child} />
          ))}
        </div>
      )}
    </>
  );
}
